// Says every 20 s that the question is open here, and shows who else has it open.
// <p data-presence-url="…">; the answer is {"people": [{"name": "…", "is_writing": false}]}.

import { csrfToken, listOf, postForm, say } from "./outils.js";

const PRESENCE_PERIOD_MS = 20000;
const WRITING_MS = 60000;

export function startPresence() {
  const line = document.querySelector("[data-presence-url]");
  if (!line || !csrfToken()) return;
  let wroteAt = 0;
  const tell = () => document.hidden || tellPresence(line, Date.now() - wroteAt < WRITING_MS);
  document.addEventListener("input", (event) => {
    if (event.target.closest("form[data-draft-url]")) wroteAt = Date.now();
  });
  document.addEventListener("visibilitychange", tell);
  setInterval(tell, PRESENCE_PERIOD_MS);
  tell();
}

async function tellPresence(line, isWriting) {
  const body = new URLSearchParams({ csrf_token: csrfToken(), is_writing: isWriting ? "1" : "" });
  try {
    const response = await postForm(line.dataset.presenceUrl, body);
    if (response.ok) say(line.firstElementChild, presenceWords((await response.json()).people || []));
  } catch {
    // Comfort only: the server checks again when the answer is sent.
  }
}

function presenceWords(people) {
  const named = (isWriting) => people.filter((one) => Boolean(one.is_writing) === isWriting).map((one) => one.name);
  const [writers, readers] = [named(true), named(false)];
  const words = [];
  if (writers.length) {
    words.push(`${listOf(writers)} ${writers.length > 1 ? "écrivent" : "écrit"} aussi une réponse. Parlez-en avant d’envoyer.`);
  }
  if (readers.length) {
    words.push(`${listOf(readers)} ${readers.length > 1 ? "ont" : "a"} aussi ouvert cette question.`);
  }
  return words.join(" ");
}
