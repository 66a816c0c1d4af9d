// The worker behind the pages: a form without signal, and sending what was written there.
// Whatever is kept for later is no child's page: the form alone, its style and its scripts.
importScripts(DRAFTS);

const SHELL = "/offline";

async function fetched(cache, address) {
  const answer = await fetch(address, { credentials: "same-origin" });
  if (answer.ok && !answer.redirected) await cache.put(address, answer);
}

self.addEventListener("install", (event) => {
  event.waitUntil(
    caches.open(VERSION).then((cache) => Promise.all([SHELL, ...ASSETS].map((address) => fetched(cache, address)))).then(() => self.skipWaiting()),
  );
});

self.addEventListener("activate", (event) => {
  event.waitUntil(
    caches.keys().then((names) => Promise.all(names.filter((name) => name !== VERSION).map((name) => caches.delete(name)))).then(() => self.clients.claim()),
  );
});

self.addEventListener("fetch", (event) => {
  const { request } = event;
  const path = new URL(request.url).pathname;
  if (request.method !== "GET") return;
  if (request.mode === "navigate") {
    event.respondWith(fetch(request).catch(async () => (await caches.match(SHELL)) || Response.error()));
  } else if (path.startsWith("/static/")) {
    event.respondWith(caches.match(request).then((known) => known || fetch(request)));
  }
});

self.addEventListener("sync", (event) => {
  if (event.tag === "drafts") event.waitUntil(Drafts.send().then((how) => how === "unreached" && Promise.reject(new Error(how))));
});

self.addEventListener("message", (event) => {
  if (event.data === "shell") event.waitUntil(caches.open(VERSION).then((cache) => fetched(cache, SHELL)));
});
