// The filters, and what is folded. A group in which nothing is checked lets everything through.
"use strict";

const form = document.querySelector("form.filters");
const cells = [...document.querySelectorAll(".grid li")];
const rows = [...document.querySelectorAll(".catalogue tr[data-level]")];

function passes(element, checked) {
  return ["outcome", "level"].every((name) => {
    const values = checked.getAll(name);
    return !values.length || element.dataset[name].split(" ").some((value) => values.includes(value));
  });
}

// In the grid each requirement keeps its place; what does not pass fades there, and can't be reached.
function apply() {
  const checked = new FormData(form);
  for (const cell of cells) {
    cell.inert = !passes(cell, checked);
  }
  for (const row of rows) {
    row.hidden = !passes(row, checked);
  }
  for (const family of document.querySelectorAll(".catalogue table")) {
    family.hidden = family.previousElementSibling.hidden = !family.querySelector("tr[data-level]:not([hidden])");
  }
  const shown = cells.filter((cell) => !cell.inert).length;
  form.querySelector("output").value = `${shown} of ${cells.length} requirements shown`;
  form.querySelector("button").hidden = shown === cells.length;
}

form.addEventListener("change", apply);
// The boxes are unchecked only after the event.
form.addEventListener("reset", () => setTimeout(apply));
form.addEventListener("submit", (event) => event.preventDefault());
form.hidden = false;
apply(); // the browser may have restored checked boxes
