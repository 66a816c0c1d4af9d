// Writing without signal: forms that are kept when they cannot be sent, and what waits shown.
"use strict";

(() => {
  const bar = document.getElementById("drafts");
  const account = bar?.dataset.account || "";
  const words = JSON.parse(document.getElementById("words")?.textContent || "{}");
  const able = "indexedDB" in window && window.crypto?.subtle && navigator.locks;
  const say = (name, values = {}) => (words[name] || "").replace(/\{(\w+)\}/g, (_, key) => values[key] ?? "");
  const caseNumber = (id) => id.slice(0, 8).toUpperCase();
  const TYPING = 1500;
  const AGAIN = 30000;

  if (!able) return;
  if (bar?.dataset.offline === "off") { // an administrator has switched it off
    Drafts.forget();
    localStorage.removeItem("guixue-cases");
    window.caches?.keys().then((names) => names.forEach((name) => caches.delete(name)));
    navigator.serviceWorker?.getRegistrations().then((known) => known.forEach((one) => one.unregister()));
    return;
  }

  const element = (name, text, attributes = {}) => {
    const made = document.createElement(name);
    made.textContent = text;
    for (const [key, value] of Object.entries(attributes)) made.setAttribute(key, value);
    return made;
  };

  async function show() {
    if (!bar || !account) return;
    const kept = (await Drafts.all()).filter((draft) => draft.state !== "typing");
    bar.replaceChildren();
    bar.hidden = kept.length === 0;
    if (!kept.length) return;
    bar.append(element("p", say("waiting", { count: kept.length })));
    const list = element("ul", "");
    for (const draft of kept) {
      const line = element("li", "");
      const hours = Math.max(1, Math.floor(Drafts.left(draft) / 3600000));
      line.append(element("strong", `${draft.title} · ${say("case")} ${caseNumber(draft.student)}`));
      const state = draft.account !== account ? say("other") : draft.state === "refused" ? say("refused", { why: draft.said }) : say("unsent");
      line.append(element("span", ` ${state} `));
      if (Drafts.ending(draft)) line.append(element("em", say("ending", { hours }) + " "));
      if (draft.account === account && navigator.onLine) {
        const open = element("button", say("open"), { type: "button", class: "quiet" });
        open.addEventListener("click", () => reopen(draft));
        line.append(open);
      }
      const away = element("button", say("drop"), { type: "button", class: "quiet" });
      away.addEventListener("click", async () => {
        if (!confirm(say("sure"))) return;
        await Drafts.drop(draft.id);
        show();
      });
      line.append(away);
      list.append(line);
    }
    bar.append(list);
  }

  // Its form again, on the service's own page, with everything in it.
  async function reopen(draft) {
    const form = element("form", "", { method: "post", action: draft.action, hidden: "" });
    for (const [name, value] of [...await Drafts.fields(draft), ["_resume", "yes"]]) {
      form.append(element("input", "", { type: "hidden", name, value }));
    }
    document.body.append(form);
    form.submit();
  }

  async function deliver() {
    if (!account || !navigator.onLine) return show();
    const how = await Drafts.send(account);
    if (how === "unreached") later();
    return show();
  }

  function draftOf(form, state) {
    return { id: form.elements._key.value, account, action: form.getAttribute("action"), student: form.dataset.student, title: form.dataset.title, state };
  }

  // What could not be sent is kept; the page says so where the form was.
  function leave(form) {
    later();
    form.replaceWith(element("p", say("kept"), { class: "note", role: "status" }));
    scrollTo(0, 0);
    return show();
  }

  // Asks the browser to send when there is signal, the page closed or not.
  function later() {
    navigator.serviceWorker?.ready.then((worker) => worker.sync?.register("drafts")).catch(() => {});
  }

  const typed = (form) => [...new FormData(form)].filter(([name]) => name !== "_resume");

  function watch(form) {
    let timer;
    let sending = false;
    const first = JSON.stringify(typed(form));
    const save = async () => {
      if (sending || JSON.stringify(typed(form)) === first) return;
      await Drafts.keep(draftOf(form, "typing"), typed(form));
    };
    form.addEventListener("input", () => {
      clearTimeout(timer);
      timer = setTimeout(save, TYPING);
    });
    form.addEventListener("submit", async (event) => {
      event.preventDefault();
      clearTimeout(timer);
      if (sending) return;
      sending = true;
      const draft = draftOf(form, "waiting");
      await Drafts.keep(draft, typed(form));
      if (form.hasAttribute("data-without-signal")) return leave(form);
      let answer;
      try {
        answer = await fetch(draft.action, { method: "POST", body: new URLSearchParams(typed(form)), headers: { Accept: "application/json", "X-Guixue-Account": account }, redirect: "error" });
      } catch {
        return leave(form);
      }
      if (answer.ok) {
        const done = await answer.json();
        await Drafts.drop(draft.id);
        location.assign(done.then);
      } else {
        await Drafts.keep({ ...draft, state: "typing" }, typed(form));
        form.submit(); // the page itself says what is wrong, or asks to sign in
      }
    });
    restore(form);
  }

  // What was typed here before and never sent comes back.
  async function restore(form) {
    if (form.hasAttribute("data-fresh")) {
      const before = (await Drafts.all()).filter((draft) => draft.state === "typing" && draft.account === account && draft.action === form.getAttribute("action"));
      const last = before.at(-1);
      if (!last) return;
      fill(form, await Drafts.fields(last));
      const note = element("p", say("restored") + " ", { class: "note", role: "status" });
      const fresh = element("button", say("fresh"), { type: "button", class: "quiet" });
      fresh.addEventListener("click", async () => {
        for (const draft of before) await Drafts.drop(draft.id);
        location.reload();
      });
      note.append(fresh);
      form.before(note);
    }
  }

  function fill(form, fields) {
    for (const control of form.elements) {
      if (control.type === "checkbox" || control.type === "radio") control.checked = false;
    }
    for (const [name, value] of fields) {
      for (const control of form.querySelectorAll(`[name="${CSS.escape(name)}"]`)) {
        if (control.type === "checkbox" || control.type === "radio") control.checked ||= control.value === value;
        else control.value = value;
      }
    }
  }

  // The form without signal: for a case whose page was asked for, or one chosen by its number.
  async function shell() {
    const place = document.getElementById("without-signal");
    if (!place) return;
    const asked = location.pathname.match(/^\/children\/([0-9a-f-]{36})(?:\/record\/([\w-]+))?$/);
    const known = JSON.parse(localStorage.getItem("guixue-cases") || "[]");
    const choose = place.querySelector("select[name=student]");
    for (const id of new Set([...(asked ? [asked[1]] : []), ...known])) choose.append(element("option", caseNumber(id), { value: id }));
    if (asked) choose.value = asked[1];
    const kind = place.querySelector("select[name=kind]");
    if (asked?.[2] && [...kind.options].some((option) => option.value === asked[2])) kind.value = asked[2];
    const begin = () => {
      const template = document.getElementById(`form-${kind.value}`);
      const room = document.getElementById("room");
      room.replaceChildren();
      if (!choose.value || !template) return;
      room.append(template.content.cloneNode(true));
      const form = room.querySelector("form");
      form.setAttribute("action", `/children/${choose.value}/record/${kind.value}`);
      form.dataset.student = choose.value;
      form.elements._key.value = crypto.randomUUID();
      const now = new Date();
      const today = `${now.getFullYear()}-${String(now.getMonth() + 1).padStart(2, "0")}-${String(now.getDate()).padStart(2, "0")}`;
      for (const day of form.querySelectorAll("input[type=date][required]")) day.value = today;
      watch(form);
    };
    choose.addEventListener("change", begin);
    kind.addEventListener("change", begin);
    begin();
  }

  // Which cases there are, by number alone, so that one can be chosen without signal.
  function remember() {
    const here = [...document.querySelectorAll("[data-case]")].map((one) => one.dataset.case);
    if (!account || !here.length) return;
    const known = JSON.parse(localStorage.getItem("guixue-cases") || "[]");
    localStorage.setItem("guixue-cases", JSON.stringify([...new Set([...here, ...known])].slice(0, 200)));
  }

  for (const form of document.querySelectorAll("form[data-sign-out]")) {
    form.addEventListener("submit", async (event) => {
      event.preventDefault();
      const kept = (await Drafts.all()).filter((draft) => draft.state !== "typing");
      if (kept.length && !confirm(say("leaving", { count: kept.length }))) return;
      localStorage.removeItem("guixue-cases");
      await Drafts.forget();
      form.submit();
    });
  }

  document.querySelectorAll("form[data-draft]").forEach(watch);
  remember();
  shell();
  addEventListener("online", deliver);
  addEventListener("offline", show);
  setInterval(async () => (await Drafts.all()).some((draft) => draft.state === "waiting") && deliver(), AGAIN);
  deliver();
  if (account && "serviceWorker" in navigator) {
    navigator.serviceWorker.register("/sw.js").then(() => navigator.serviceWorker.ready).then((worker) => worker.active?.postMessage("shell")).catch(() => {});
  }
})();
