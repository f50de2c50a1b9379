// Served as /sw.js behind two lines: VERSION, which changes with any static file, and SHELL, the
// files every page needs. Pages come from the network; a copy is shown only when it fails, and
// only of pages the server marked as the same for everybody. Nothing personal is ever kept.

const FILES = `files-${VERSION}`;
const PAGES = "pages-1";
const MOST_PAGES = 30;

self.addEventListener("install", (event) => {
  event.waitUntil(
    caches.open(FILES)
      .then((files) => files.addAll(SHELL.map((path) => new Request(path, { credentials: "omit" }))))
      .then(() => self.skipWaiting()),
  );
});

self.addEventListener("activate", (event) => {
  const old = (name) => name !== FILES && name !== PAGES;
  event.waitUntil(
    caches.keys()
      .then((names) => Promise.all(names.filter(old).map((name) => caches.delete(name))))
      .then(() => self.clients.claim()),
  );
});

self.addEventListener("fetch", (event) => {
  const { request } = event;
  const address = new URL(request.url);
  if (request.method !== "GET" || address.origin !== self.location.origin) return;
  if (request.mode === "navigate") event.respondWith(page(event));
  else if (address.pathname.startsWith("/static/")) event.respondWith(file(request));
});

async function page(event) {
  try {
    const answer = await fetch(event.request);
    if (answer.ok && answer.headers.get("X-Same-For-All")) event.waitUntil(keep(event.request, answer.clone()));
    return answer;
  } catch {
    return (await caches.match(event.request)) ?? (await caches.match("/offline")) ?? Response.error();
  }
}

async function keep(request, answer) {
  const pages = await caches.open(PAGES);
  await pages.put(request, answer);
  const kept = await pages.keys();
  await Promise.all(kept.slice(0, Math.max(0, kept.length - MOST_PAGES)).map((old) => pages.delete(old)));
}

async function file(request) {
  return (await caches.match(request)) ?? fetch(request);
}
