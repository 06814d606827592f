// Shows the entries that may answer a question while its title is typed; they open in place, nothing is lost.
// <div data-suggestions="address" data-suggestions-for="id of the title" data-suggestions-key="…">

import { csrfToken, postForm, say } from "./outils.js";

const SUGGESTIONS_DELAY_MS = 400;
const SUGGESTIONS_WORDS = 3;

export function startSuggestions() {
  document.querySelectorAll("[data-suggestions]").forEach(watchTitle);
}

function watchTitle(place) {
  const { suggestions: url, suggestionsKey: key } = place.dataset;
  const field = document.getElementById(place.dataset.suggestionsFor);
  const status = place.querySelector("[role=status]");
  const region = place.querySelector("section");
  let timer = 0;
  let asked = "";

  const post = (address, values) => postForm(address, new URLSearchParams({ csrf_token: csrfToken(), key, ...values }));

  function show(found) {
    // What is being read stays, however the title goes on.
    if (region.querySelector("details[open]")) return;
    const page = new DOMParser().parseFromString(found.html, "text/html");
    region.replaceChildren(...page.body.childNodes);
    region.hidden = !found.count;
    say(status, found.status);
  }

  async function look() {
    const title = field.value.trim().replace(/\s+/g, " ");
    if (title === asked) return;
    asked = title;
    if (title.split(" ").length < SUGGESTIONS_WORDS) return show({ html: "", count: 0, status: "" });
    // Help that does not come is not missed: the question can be sent all the same.
    const found = await post(url, { title }).then((response) => (response.ok ? response.json() : null), () => null);
    if (found && title === asked) show(found);
  }

  function opened(event) {
    const { entry } = event.target.dataset;
    if (event.target.open) post(`${url}/${key}/ouverte`, { fiche: entry }).catch(() => null);
  }

  function solve(event) {
    const button = event.target.closest("[data-solves]");
    if (!button) return;
    const form = document.createElement("form");
    const typed = [...new FormData(field.form)].filter(([, value]) => typeof value === "string");
    form.method = "post";
    form.action = button.dataset.solves;
    form.hidden = true;
    for (const [name, value] of [...typed, ["fiche", button.closest("details").dataset.entry]]) {
      form.append(Object.assign(document.createElement("input"), { type: "hidden", name, value }));
    }
    document.body.append(form);
    form.submit();
  }

  field.addEventListener("input", () => {
    clearTimeout(timer);
    timer = setTimeout(look, SUGGESTIONS_DELAY_MS);
  });
  region.addEventListener("toggle", opened, true);
  region.addEventListener("click", solve);
  look();
}
