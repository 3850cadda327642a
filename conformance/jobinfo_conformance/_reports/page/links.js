// A link leads into what is folded, also where a filter hides it.
function unfold() {
  const target = document.getElementById(decodeURIComponent(location.hash.slice(1)));
  if (!target) return;
  if (target.closest("[hidden]")) {
    form.reset();
    apply();
  }
  for (let details = target.querySelector("details") ?? target.closest("details"); details; details = details.parentElement.closest("details")) {
    details.open = true;
  }
  target.scrollIntoView();
}

addEventListener("hashchange", unfold);
// The same link may be followed twice, with the details closed in between.
document.addEventListener("click", (event) => {
  if (event.target.closest("a[href^='#']")?.hash === location.hash) unfold();
});
unfold();

// On paper nothing can be unfolded. The style leaves out what would be too long there.
addEventListener("beforeprint", () => {
  for (const details of document.querySelectorAll("article > details:not([open])")) {
    details.open = true;
    addEventListener("afterprint", () => { details.open = false; }, { once: true });
  }
});
