// After a refused form: the focus goes to the summary, and from a line of it to its field.

export function startErrors() {
  const summary = document.querySelector("[data-error-summary]");
  if (!summary) return;
  summary.focus();
  summary.addEventListener("click", (event) => {
    const link = event.target.closest("a[href^='#']");
    const field = link && document.getElementById(link.hash.slice(1));
    if (!field) return;
    event.preventDefault();
    field.focus({ preventScroll: true });
    (field.closest(".champ") || field).scrollIntoView({ block: "start" });
  });
}
