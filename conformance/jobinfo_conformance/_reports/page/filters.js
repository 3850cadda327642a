// The filters. A group in which nothing is checked lets everything through. What they do with a page is its own `apply`.
"use strict";

const form = document.querySelector("form.filters");

function admits(checked, element, names) {
  return names.every((name) => {
    const values = checked.getAll(name);
    return !values.length || element.dataset[name].split(" ").some((value) => values.includes(value));
  });
}

function tell(shown, all) {
  form.querySelector("output").value = `${shown} of ${all} requirements shown`;
  form.querySelector("button").hidden = shown === all;
}

form.addEventListener("input", () => apply());
// The boxes are unchecked only after the event.
form.addEventListener("reset", () => setTimeout(apply));
form.addEventListener("submit", (event) => event.preventDefault());
form.hidden = false;
