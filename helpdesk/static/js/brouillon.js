// Saves the draft of a form 1.5 s after typing stops, and keeps a copy on the device when that fails.
// <form data-draft-url="…"> with a [data-draft-status] inside a role=status.

import { clockText, postForm, say } from "./outils.js";

const DRAFT_DELAY_MS = 1500;
const DRAFT_RETRY_MS = 20000;
const DRAFT_KEPT_MS = 7 * 24 * 3600 * 1000;
const DRAFT_UNKEPT = new Set(["csrf_token", "submission_key", "version"]);
const DRAFT_WORDS = {
  offline: "La connexion est coupée. Votre texte est gardé sur cet appareil.",
  signedOut: "Votre session a expiré. Votre texte est gardé sur cet appareil.",
  conflict: "Une réponse est arrivée pendant que vous écriviez. Votre texte est gardé.",
  refused: "Brouillon non enregistré. Votre texte est gardé sur cet appareil.",
  restored: "Texte retrouvé sur cet appareil.",
};

export function startDrafts() {
  document.querySelectorAll("form[data-draft-url]").forEach(watchDraft);
}

function draftFields(form) {
  return new URLSearchParams([...new FormData(form)].filter(([, value]) => typeof value === "string"));
}

function draftStore(form) {
  const key = `brouillon:${form.dataset.draftUrl}`;
  // A browser may refuse the storage (private window, full): the server's draft is the real one.
  const attempt = (work) => {
    try {
      return work();
    } catch {
      return null;
    }
  };
  return {
    keep() {
      const pairs = [...draftFields(form)].filter(([name]) => !DRAFT_UNKEPT.has(name));
      attempt(() => localStorage.setItem(key, JSON.stringify({ at: Date.now(), pairs })));
    },
    forget: () => attempt(() => localStorage.removeItem(key)),
    find() {
      const kept = attempt(() => JSON.parse(localStorage.getItem(key)));
      return kept && Date.now() - kept.at < DRAFT_KEPT_MS ? kept.pairs : [];
    },
  };
}

function restoreDraft(form, pairs) {
  let isChanged = false;
  for (const [name, value] of pairs) {
    const field = form.elements.namedItem(name);
    if (!field || field.type === "hidden" || field.value === value) continue;
    field.value = value;
    isChanged = true;
  }
  return isChanged;
}

function draftOutcome(response) {
  if (response.ok) return "saved";
  if (response.type === "opaqueredirect" || [401, 403, 419].includes(response.status)) return "signedOut";
  return response.status === 409 ? "conflict" : "refused";
}

function watchDraft(form) {
  const status = form.querySelector("[data-draft-status]");
  const store = draftStore(form);
  let timer = 0;
  let saved = draftFields(form).toString();
  let isSaving = false;
  let isLeaving = false;

  const later = (delay) => {
    clearTimeout(timer);
    timer = setTimeout(save, delay);
  };
  const tell = (text, isFine) => {
    say(status, text);
    if (status) status.parentElement.classList.toggle("enregistre--alerte", !isFine);
  };

  async function save() {
    const fields = draftFields(form);
    const text = fields.toString();
    if (isLeaving || text === saved) return;
    if (isSaving) return later(DRAFT_DELAY_MS);
    isSaving = true;
    const outcome = await postForm(form.dataset.draftUrl, fields).then(draftOutcome, () => "offline");
    isSaving = false;
    if (isLeaving) return;
    if (outcome === "saved") {
      saved = text;
      store.forget();
      tell(`Brouillon enregistré à ${clockText(new Date())}`, true);
    } else {
      store.keep();
      tell(DRAFT_WORDS[outcome], false);
    }
    if (outcome === "offline") later(DRAFT_RETRY_MS);
    else if (draftFields(form).toString() !== text) later(DRAFT_DELAY_MS);
  }

  form.addEventListener("input", () => later(DRAFT_DELAY_MS));
  window.addEventListener("online", () => later(0));
  document.addEventListener("visibilitychange", () => document.hidden && save());
  window.addEventListener("pagehide", () => {
    if (!isLeaving && draftFields(form).toString() !== saved) store.keep();
  });
  form.addEventListener("submit", (event) => {
    if (navigator.onLine === false) {
      event.preventDefault();
      store.keep();
      tell(DRAFT_WORDS.offline, false);
      return;
    }
    isLeaving = true;
    clearTimeout(timer);
    store.forget();
  });
  window.addEventListener("pageshow", () => (isLeaving = false));

  if (restoreDraft(form, store.find())) {
    tell(DRAFT_WORDS.restored, true);
    later(DRAFT_DELAY_MS);
  }
}
