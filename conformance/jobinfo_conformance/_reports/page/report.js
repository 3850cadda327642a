// The filters. A group in which nothing is checked lets everything through.
"use strict";

const form = document.querySelector("form.filters");
const rows = [...document.querySelectorAll("tr[data-family]")];
const failures = [...document.querySelectorAll("article[data-family]")];

function passes(element, checked) {
  return ["outcome", "level", "family"].every((name) => {
    const values = checked.getAll(name);
    return !values.length || element.dataset[name].split(" ").some((value) => values.includes(value));
  });
}

function apply() {
  const checked = new FormData(form);
  for (const element of [...rows, ...failures]) {
    element.hidden = !passes(element, checked);
  }
  for (const group of document.querySelectorAll("tbody, section[aria-labelledby=failures]")) {
    group.hidden = !group.querySelector("[data-family]:not([hidden])");
  }
  const shown = rows.filter((row) => !row.hidden).length;
  form.querySelector("output").value = `${shown} of ${rows.length} requirements shown`;
  form.querySelector("button").hidden = shown === rows.length;
}

form.addEventListener("change", apply);
// The boxes are unchecked only after the event.
form.addEventListener("reset", () => setTimeout(apply));
form.addEventListener("submit", (event) => event.preventDefault());
form.hidden = false;
apply(); // the browser may have restored checked boxes
