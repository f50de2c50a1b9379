// Suggestions under a field: a combobox as ARIA describes it. Without this file the search is an
// ordinary search, and a place is looked up when its form is sent.

const LEAST_LETTERS = 2;
const PAUSE = 150;

for (const input of document.querySelectorAll("input[data-suggest]")) {
  const list = document.createElement("ul");
  list.className = "suggestions";
  list.id = `${input.id}-suggestions`;
  list.setAttribute("role", "listbox");
  list.setAttribute("aria-label", input.dataset.suggestLabel || input.labels[0]?.textContent || "");
  list.hidden = true;
  input.parentElement.append(list);
  const said = document.createElement("span");
  said.className = "unseen";
  said.setAttribute("role", "status");
  input.parentElement.append(said);
  for (const [name, value] of Object.entries({
    role: "combobox", "aria-autocomplete": "list", "aria-expanded": "false",
    "aria-controls": list.id,
  })) input.setAttribute(name, value);

  let waiting = 0;
  let asking = null;
  let asked = "";
  let chosen = -1;

  const close = () => {
    clearTimeout(waiting);
    asking?.abort();
    list.hidden = true;
    input.setAttribute("aria-expanded", "false");
    choose(-1);
  };

  // A suggestion with an address is gone to; one without is what belongs into the field.
  const take = (option) => {
    if (option.dataset.url) return location.assign(option.dataset.url);
    input.value = option.dataset.text;
    close();
  };

  const choose = (index) => {
    list.children[chosen]?.setAttribute("aria-selected", "false");
    chosen = index;
    const option = list.children[index];
    if (!option) return input.removeAttribute("aria-activedescendant");
    option.setAttribute("aria-selected", "true");
    option.scrollIntoView({ block: "nearest" });
    input.setAttribute("aria-activedescendant", option.id);
  };

  const show = (items) => {
    list.replaceChildren(...items.map((item, index) => {
      const option = document.createElement("li");
      option.id = `${list.id}-${index}`;
      option.setAttribute("role", "option");
      option.setAttribute("aria-selected", "false");
      option.dataset.text = item.text;
      if (item.url) option.dataset.url = item.url;
      option.append(...marked(item.text, asked));
      if (item.hint) {
        const hint = document.createElement("span");
        hint.className = "hint";
        hint.textContent = item.hint;
        option.append(hint);
      }
      return option;
    }));
    chosen = -1;
    input.removeAttribute("aria-activedescendant");
    list.hidden = !items.length;
    input.setAttribute("aria-expanded", String(items.length > 0));
    said.textContent = items.length && input.dataset.suggestCount
      ? input.dataset.suggestCount.replace("0", items.length) : "";
  };

  const ask = async () => {
    asking?.abort();
    asking = new AbortController();
    asked = input.value.trim();
    if (asked.length < LEAST_LETTERS) return close();
    const address = `${input.dataset.suggest}?q=${encodeURIComponent(asked)}`;
    try {
      const answer = await fetch(address, { signal: asking.signal, headers: { Accept: "application/json" } });
      if (answer.ok) show((await answer.json()).items);
    } catch (error) {
      if (error.name !== "AbortError") close();
    }
  };

  input.addEventListener("input", () => {
    clearTimeout(waiting);
    waiting = setTimeout(ask, PAUSE);
  });
  input.addEventListener("keydown", (event) => {
    const last = list.children.length - 1;
    if (event.isComposing || list.hidden && event.key !== "ArrowDown") return;
    if (event.key === "ArrowDown") {
      if (list.hidden) ask(); else choose(chosen < last ? chosen + 1 : 0);
    } else if (event.key === "ArrowUp") choose(chosen > 0 ? chosen - 1 : last);
    else if (event.key === "Escape") close();
    else if (event.key === "Enter" && chosen >= 0) take(list.children[chosen]);
    else return;
    event.preventDefault();
  });
  list.addEventListener("mousedown", (event) => event.preventDefault());
  list.addEventListener("click", (event) => {
    const option = event.target.closest("[role=option]");
    if (option) take(option);
  });
  input.addEventListener("blur", close);
}

// The letters typed, in bold wherever they begin a word of the suggestion, accents or none.
function marked(text, typed) {
  const plain = fold(text);
  const wanted = fold(typed);
  const at = ` ${plain}`.indexOf(` ${wanted}`);
  if (at < 0 || plain.length !== text.length) return [text];
  const bold = document.createElement("b");
  bold.textContent = text.slice(at, at + wanted.length);
  return [text.slice(0, at), bold, text.slice(at + wanted.length)];
}

function fold(text) {
  return text.normalize("NFC").replace(/[đĐ]/g, "d").normalize("NFD")
    .replace(/\p{M}/gu, "").toLowerCase();
}
