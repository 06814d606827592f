// Warns under a text about what identifies a person; the server looks again when the form is sent.
// <textarea data-watch-personal-data="id of a role=status">

import { listOf, say } from "./outils.js";

const PERSONAL_DELAY_MS = 400;
const PERSONAL_KINDS = [
  ["un numéro de sécurité sociale", /(?:^|\D)[12]\s?\d\d\s?(?:0[1-9]|[1-9]\d)\s?(?:\d\d|2[AB])\s?\d{3}\s?\d{3}(?:\s?\d\d)?(?!\d)/i],
  ["un numéro SIRET", /(?:^|\D)\d{3}[\s.]?\d{3}[\s.]?\d{3}[\s.]?\d{5}(?!\d)/],
  ["un numéro de compte", /\b[A-Z]{2}\d\d(?:\s?[A-Z0-9]{4}){4,7}/],
  ["un numéro de téléphone", /(?:^|\D)(?:\+33\s?|0033\s?|0)[1-9](?:[\s.-]?\d\d){4}(?!\d)/],
  ["une adresse de courriel", /[\w.+-]+@[\w-]+\.[\w.-]*\w/],
  ["un nom de personne", /\b(?:M\.|Mr|Mme|Mlle|Monsieur|Madame)\s+(?!Monsieur|Madame)[A-ZÀ-ÖØ-Þ][\wÀ-ÿ'’-]+/],
];

export function startPersonalData() {
  for (const field of document.querySelectorAll("[data-watch-personal-data]")) {
    const status = document.getElementById(field.dataset.watchPersonalData);
    let timer = 0;
    const look = () => say(status, personalWords(field.value));
    field.addEventListener("input", () => {
      clearTimeout(timer);
      timer = setTimeout(look, PERSONAL_DELAY_MS);
    });
    look();
  }
}

function personalWords(text) {
  const found = PERSONAL_KINDS.filter(([, pattern]) => pattern.test(text)).map(([name]) => name);
  return found.length ? `Ce texte semble contenir ${listOf(found)}. Retirez ce qui désigne une personne si vous le pouvez.` : "";
}
