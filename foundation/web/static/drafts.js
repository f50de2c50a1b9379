// Keeps what is being typed on this device until it has been saved, so that a dead network or a
// closed tab loses nothing. One draft a form; files and tokens are never kept.
const WAIT = 400;

for (const form of document.querySelectorAll("form[data-draft]")) keep(form);

function keep(form) {
  const key = "draft:" + form.dataset.draft;
  const version = form.dataset.version;
  const note = form.querySelector("[data-draft-note]");
  const hint = form.querySelector("[data-draft-hint]");
  const answered = Boolean(form.querySelector(".error-summary, .error"));
  const draft = read(key);
  let timer;

  if (draft?.sent && draft.version !== version) forget(key); // it arrived
  else if (draft && !answered && differs(form, draft.fields)) {
    put(form, draft.fields);
    // Written on an older version: the server then tells who saved meanwhile.
    form.elements.version.value = draft.version;
    if (note) note.hidden = false;
  } else if (draft && !draft.sent) write(key, { ...draft, version });
  if (hint) hint.hidden = false;

  const store = (sent) => write(key, { version, sent, fields: typed(form) });
  form.addEventListener("input", () => {
    clearTimeout(timer);
    timer = setTimeout(() => store(false), WAIT);
  });
  form.addEventListener("submit", (event) => {
    clearTimeout(timer);
    store(["save", "submit"].includes(event.submitter?.value ?? "save"));
  });
  form.querySelector("[data-draft-drop]")?.addEventListener("click", () => {
    forget(key);
    location.reload();
  });
}

function controls(form) {
  return [...form.elements].filter(
    (each) =>
      each.name && !["file", "hidden", "submit", "button", "password"].includes(each.type),
  );
}

function typed(form) {
  const fields = {};
  for (const each of controls(form)) {
    fields[each.name] = each.type === "checkbox" ? each.checked : each.value;
  }
  return fields;
}

function differs(form, fields) {
  return controls(form).some((each) => {
    const now = each.type === "checkbox" ? each.checked : each.value;
    return each.name in fields && fields[each.name] !== now;
  });
}

function put(form, fields) {
  for (const each of controls(form)) {
    if (!(each.name in fields)) continue;
    if (each.type === "checkbox") each.checked = fields[each.name];
    else each.value = fields[each.name];
  }
}

function read(key) {
  try {
    return JSON.parse(localStorage.getItem(key));
  } catch {
    return null;
  }
}

function write(key, draft) {
  try {
    localStorage.setItem(key, JSON.stringify(draft));
  } catch {
    // a full or forbidden store: the form still works
  }
}

function forget(key) {
  try {
    localStorage.removeItem(key);
  } catch {
    // nothing was kept
  }
}
