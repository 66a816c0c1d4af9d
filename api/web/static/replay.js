// A slider over the entries of a record: each state is the page of its entry, loaded in place.
const box = document.querySelector("[data-replay]");
const slider = document.getElementById("slider");
const PARTS = ["standing", "steps", "then"];
const REST = 120; // milliseconds without a move, before a state is asked for
let timer = 0;
let asking = null;

async function show() {
  asking?.abort();
  asking = new AbortController();
  const address = new URL(location.href);
  address.searchParams.set("version", slider.value);
  address.searchParams.delete("moment");
  address.searchParams.delete("at");
  try {
    const answer = await fetch(address, { signal: asking.signal });
    const read = new DOMParser().parseFromString(await answer.text(), "text/html");
    if (!read.getElementById("then")) {
      location.assign(address); // signed out, or out of reach by now: the page says so
      return;
    }
    for (const id of PARTS) {
      document.getElementById(id).replaceChildren(...read.getElementById(id).childNodes);
    }
    document.getElementById("version").value = slider.value;
    document.getElementById("moment").value = "";
    slider.setAttribute("aria-valuetext", document.getElementById("standing").textContent);
    history.replaceState(null, "", address);
  } catch (fault) {
    if (fault.name !== "AbortError") location.assign(address);
  }
}

if (box && slider) {
  box.hidden = false;
  slider.setAttribute("aria-valuetext", document.getElementById("standing").textContent);
  slider.addEventListener("input", () => {
    clearTimeout(timer);
    timer = setTimeout(show, REST);
  });
}
