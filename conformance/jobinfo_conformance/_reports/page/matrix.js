// The rows that the filters let through. An empty search lets everything through.
const rows = [...document.querySelectorAll(".scrolled tr[data-level]")];

function passes(row, checked) {
  const text = checked.get("text").trim().toLowerCase();
  return (!text || row.querySelector("th").textContent.toLowerCase().includes(text)) &&
    admits(checked, row, ["outcome", "level", "family", "differs"]);
}

function apply() {
  const checked = new FormData(form);
  for (const row of rows) {
    row.hidden = !passes(row, checked);
  }
  for (const family of document.querySelectorAll(".scrolled tbody[data-family]")) {
    family.hidden = !family.querySelector("tr[data-level]:not([hidden])");
  }
  tell(rows.filter((row) => !row.hidden).length, rows.length);
}

apply(); // the browser may have restored what was checked and typed
