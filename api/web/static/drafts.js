// Drafts kept in this browser: encrypted, by case number, sent once; for pages and worker alike.
"use strict";

const Drafts = (() => {
  const HOURS = 3600 * 1000;
  const LIFE = 72 * HOURS;
  const WARNED = 12 * HOURS; // before a draft is gone, its writer is told
  const REFUSED = [400, 403, 404, 409, 412, 413, 422];

  function opened() {
    return new Promise((resolve, reject) => {
      const asked = indexedDB.open("guixue", 1);
      asked.onupgradeneeded = () => {
        asked.result.createObjectStore("keys");
        asked.result.createObjectStore("drafts", { keyPath: "id" });
      };
      asked.onsuccess = () => resolve(asked.result);
      asked.onerror = () => reject(asked.error);
    });
  }

  async function on(store, mode, act) {
    const database = await opened();
    try {
      return await new Promise((resolve, reject) => {
        const transaction = database.transaction(store, mode);
        const asked = act(transaction.objectStore(store));
        transaction.oncomplete = () => resolve(asked && asked.result);
        transaction.onerror = () => reject(transaction.error);
        transaction.onabort = () => reject(transaction.error);
      });
    } finally {
      database.close();
    }
  }

  // The key never leaves the browser, and cannot be read out of it by a script either.
  async function key() {
    const known = await on("keys", "readonly", (keys) => keys.get("drafts"));
    if (known) return known;
    const made = await crypto.subtle.generateKey({ name: "AES-GCM", length: 256 }, false, ["encrypt", "decrypt"]);
    try {
      await on("keys", "readwrite", (keys) => keys.add(made, "drafts"));
      return made;
    } catch {
      return on("keys", "readonly", (keys) => keys.get("drafts")); // another page was first
    }
  }

  async function keep(draft, fields) {
    const iv = crypto.getRandomValues(new Uint8Array(12));
    const words = new TextEncoder().encode(JSON.stringify(fields));
    const sealed = await crypto.subtle.encrypt({ name: "AES-GCM", iv }, await key(), words);
    await on("drafts", "readwrite", (drafts) => drafts.put({ written: Date.now(), ...draft, iv, sealed }));
  }

  async function fields(draft) {
    const words = await crypto.subtle.decrypt({ name: "AES-GCM", iv: draft.iv }, await key(), draft.sealed);
    return JSON.parse(new TextDecoder().decode(words));
  }

  async function all() {
    const kept = await on("drafts", "readonly", (drafts) => drafts.getAll());
    const gone = kept.filter((draft) => left(draft) <= 0);
    for (const draft of gone) await drop(draft.id);
    return kept.filter((draft) => left(draft) > 0).sort((one, other) => one.written - other.written);
  }

  const get = (id) => on("drafts", "readonly", (drafts) => drafts.get(id));
  const drop = (id) => on("drafts", "readwrite", (drafts) => drafts.delete(id));
  const left = (draft) => draft.written + LIFE - Date.now();
  const ending = (draft) => left(draft) < WARNED;

  function forget() {
    return new Promise((resolve) => {
      const asked = indexedDB.deleteDatabase("guixue");
      asked.onsuccess = asked.onerror = asked.onblocked = () => resolve();
    });
  }

  // Sends what waits, the oldest first, one sender at a time. The form's own key makes sure that
  // what arrived and was not answered is not recorded again.
  function send(account) {
    return navigator.locks.request("guixue-drafts", async () => {
      for (const draft of await all()) {
        if (draft.state !== "waiting" || (account && draft.account !== account)) continue;
        const body = new URLSearchParams(await fields(draft));
        let answer;
        try {
          answer = await fetch(draft.action, { method: "POST", body, headers: { Accept: "application/json", "X-Guixue-Account": draft.account }, redirect: "error" });
        } catch {
          return "unreached";
        }
        if (answer.ok) {
          await drop(draft.id);
        } else if (answer.status === 401) {
          return "signed out";
        } else if (REFUSED.includes(answer.status)) {
          const problem = await answer.json().catch(() => ({}));
          await on("drafts", "readwrite", (drafts) => drafts.put({ ...draft, state: "refused", said: problem.detail || String(answer.status) }));
        } else {
          return "unreached";
        }
      }
      return "sent";
    });
  }

  return { keep, fields, all, get, drop, left, ending, forget, send };
})();
