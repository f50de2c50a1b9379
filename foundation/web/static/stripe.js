// Shows Stripe's form in the card page. What happened is not believed here: the page that follows
// asks the server, which asks Stripe.
const form = document.querySelector("form[data-card]");
const failed = document.querySelector("[data-card-failed]");

if (form && window.Stripe) show(form);
else if (failed) failed.hidden = false;

function show(form) {
  const stripe = window.Stripe(form.dataset.key, { locale: form.dataset.language });
  const elements = stripe.elements({ clientSecret: form.dataset.secret });
  const card = elements.create("payment", { layout: "accordion" });
  const words = form.querySelector("[data-card-error]");
  const button = form.querySelector("button");

  card.on("loaderror", () => {
    form.hidden = true;
    failed.hidden = false;
  });
  card.mount(form.querySelector("[data-card-form]"));
  form.hidden = false;
  form.addEventListener("submit", async (event) => {
    event.preventDefault();
    button.disabled = true;
    words.hidden = true;
    const { error } = await stripe.confirmPayment({
      elements,
      confirmParams: { return_url: form.dataset.back },
    });
    // Only reached when the payer stays: the card was refused, or something was not filled in.
    words.textContent = error.message;
    words.hidden = false;
    button.disabled = false;
  });
}
