// What makes the pages quicker; everything works without it.
"use strict";

// A form given back after signing in goes on by itself.
document.querySelector("form[data-go-on]")?.requestSubmit();

// The first thing said to be wrong is where reading goes on.
document.getElementById("wrong")?.focus();

// A form on paper is printed by its button.
const printing = document.querySelector("button[data-print]");
if (printing) {
  printing.hidden = false;
  printing.addEventListener("click", () => window.print());
}
