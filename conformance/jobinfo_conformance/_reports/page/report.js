// The cells and rows that the filters let through.
const cells = [...document.querySelectorAll(".grid li")];
const rows = [...document.querySelectorAll(".catalogue tr[data-level]")];

// In the grid each requirement keeps its place; what does not pass fades there, and can't be reached.
function apply() {
  const checked = new FormData(form);
  for (const cell of cells) {
    cell.inert = !admits(checked, cell, ["outcome", "level"]);
  }
  for (const row of rows) {
    row.hidden = !admits(checked, row, ["outcome", "level"]);
  }
  for (const family of document.querySelectorAll(".catalogue table")) {
    family.hidden = family.previousElementSibling.hidden = !family.querySelector("tr[data-level]:not([hidden])");
  }
  tell(cells.filter((cell) => !cell.inert).length, cells.length);
}

apply(); // the browser may have restored checked boxes
