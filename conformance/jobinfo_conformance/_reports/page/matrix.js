// The filters. A group in which nothing is checked lets everything through, and so does an empty search.
"use strict";

const form = document.querySelector("form.filters");
const rows = [...document.querySelectorAll(".scrolled tr[data-level]")];

function passes(row, checked) {
  const text = checked.get("text").trim().toLowerCase();
  return (!text || row.querySelector("th").textContent.toLowerCase().includes(text)) &&
    ["outcome", "level", "family", "differs"].every((name) => {
      const values = checked.getAll(name);
      return !values.length || row.dataset[name].split(" ").some((value) => values.includes(value));
    });
}

function apply() {
  const checked = new FormData(form);
  for (const row of rows) {
    row.hidden = !passes(row, checked);
  }
  for (const family of document.querySelectorAll(".scrolled tbody[data-family]")) {
    family.hidden = !family.querySelector("tr[data-level]:not([hidden])");
  }
  const shown = rows.filter((row) => !row.hidden).length;
  form.querySelector("output").value = `${shown} of ${rows.length} requirements shown`;
  form.querySelector("button").hidden = shown === rows.length;
}

form.addEventListener("input", apply);
// The boxes are unchecked only after the event.
form.addEventListener("reset", () => setTimeout(apply));
form.addEventListener("submit", (event) => event.preventDefault());
form.hidden = false;
apply(); // the browser may have restored what was checked and typed
