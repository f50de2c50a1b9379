// Watches a payment: asks how it stands while somebody looks, and shows the page anew when that
// has changed. Where [data-swap] is set only the watched part is exchanged, so that sound and
// full screen stay as they are, and "standing" is announced for whoever rings or speaks.
const OFTEN = 3 * 60 * 1000; // so long after opening, once a second
const LONG = 15 * 60 * 1000; // after that hardly anybody still waits
let opened = Date.now();
let asking = false;
let timer;

for (const button of document.querySelectorAll("[data-print]")) {
  button.hidden = false;
  button.addEventListener("click", () => print());
}

if (watched()) {
  document.addEventListener("visibilitychange", () => {
    clearTimeout(timer);
    if (document.hidden) return;
    opened = Date.now(); // back from the banking app: look at once, and often again
    ask();
  });
  timer = setTimeout(ask, 1000);
}

function watched() {
  return document.querySelector("[data-watch]");
}

function pause() {
  const waited = Date.now() - opened;
  return waited < OFTEN ? 1000 : waited < LONG ? 4000 : 15000;
}

async function ask() {
  if (asking) return;
  asking = true;
  let wait = pause();
  const place = watched();
  try {
    const answer = await fetch(place.dataset.watch, {
      cache: "no-store",
      headers: { Accept: "application/json", "If-None-Match": `"${place.dataset.version}"` },
    });
    if (answer.status === 429) wait = 1000 * Number(answer.headers.get("Retry-After") || 10);
    if (answer.status === 200) {
      const standing = await answer.json();
      if (standing.version !== place.dataset.version) {
        if (!("swap" in place.dataset)) return location.reload();
        await swap(place, standing);
      }
      if (standing.final) return;
    }
  } catch {
    wait = Math.max(wait, 5000); // no network just now
  } finally {
    asking = false;
  }
  if (!document.hidden) timer = setTimeout(ask, wait);
}

async function swap(place, standing) {
  const answer = await fetch(location.href, { cache: "no-store" });
  if (!answer.ok) throw new Error(String(answer.status));
  const page = new DOMParser().parseFromString(await answer.text(), "text/html");
  const fresh = page.querySelector("[data-watch]");
  place.replaceWith(document.adoptNode(fresh));
  document.title = page.title;
  document.dispatchEvent(new CustomEvent("standing", { detail: standing }));
}
