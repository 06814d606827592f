// Keys: J K in [data-queue], 1 2 3 in [data-choices], any letter on [data-key="…"], ? for the list,
// Ctrl + Enter sends the form one writes in. Single keys are off in fields and with <body data-shortcuts="off">.

const KEY_WORDS = [
  ["J", "question suivante"],
  ["K", "question précédente"],
  ["R", "répondre"],
  ["N", "écrire une note"],
  ["1 2 3", "choisir la suite"],
  ["/", "chercher"],
  ["Ctrl + Entrée", "envoyer le formulaire"],
  ["?", "afficher cette liste"],
];
const TYPED_INPUTS = "textarea, select, [contenteditable], input:not([type=radio], [type=checkbox], [type=submit])";

export function startShortcuts() {
  document.addEventListener("keydown", (event) => {
    if (event.defaultPrevented || event.isComposing) return;
    const isSend = event.key === "Enter" && (event.ctrlKey || event.metaKey);
    const isHandled = isSend ? sendForm(event.target) : pressKey(event);
    if (isHandled) event.preventDefault();
  });
}

function sendForm(field) {
  const form = field.form || field.closest("form");
  const buttons = form ? [...form.querySelectorAll("button:not([type=button], [formnovalidate])")] : [];
  const button = buttons.find((one) => "keySubmit" in one.dataset) || buttons.pop();
  if (button) button.click();
  return Boolean(button);
}

function pressKey(event) {
  const isOff = document.body.dataset.shortcuts === "off" || event.ctrlKey || event.metaKey || event.altKey;
  if (isOff || event.repeat || event.target.matches(TYPED_INPUTS) || document.querySelector("dialog[open]")) return false;
  const key = event.key.toLowerCase();
  const marked = [...document.querySelectorAll("[data-key]")].find((one) => one.dataset.key === key);
  if (marked) return useElement(marked);
  if (key === "j" || key === "k") return moveInQueue(key === "j" ? 1 : -1);
  if (key === "?") return showKeys();
  // The code of the key, because digits need Shift on a French keyboard.
  const digit = /^(?:Digit|Numpad)([1-9])$/.exec(event.code);
  const choice = digit && document.querySelectorAll("[data-choices] input")[digit[1] - 1];
  return Boolean(choice) && !choice.disabled && useElement(choice);
}

function useElement(element) {
  if (element.matches("a, button, summary")) {
    element.click();
  } else {
    if (element.type === "radio" || element.type === "checkbox") {
      element.checked = true;
      element.dispatchEvent(new Event("input", { bubbles: true }));
      element.dispatchEvent(new Event("change", { bubbles: true }));
    }
    const isMode = element.closest(".redaction__mode");
    ((isMode && [...element.form.querySelectorAll("textarea")].find((field) => field.getClientRects().length)) || element).focus();
  }
  return true;
}

function moveInQueue(step) {
  const links = [...document.querySelectorAll("[data-queue] > li")].map((row) => row.querySelector("a")).filter(Boolean);
  const current = links.findIndex((link) => link.hasAttribute("aria-current"));
  const focused = links.indexOf(document.activeElement);
  const target = links[(focused < 0 ? current : focused) + step];
  if (!target) return links.length > 0;
  if (current < 0 || focused >= 0) target.focus();
  else target.click();
  return true;
}

function showKeys() {
  if (typeof HTMLDialogElement === "undefined") return false;
  const dialog = document.createElement("dialog");
  dialog.className = "touches";
  dialog.setAttribute("aria-labelledby", "t-touches");
  const title = Object.assign(document.createElement("h2"), { id: "t-touches", textContent: "Raccourcis du clavier" });
  const list = Object.assign(document.createElement("dl"), { className: "fiche" });
  for (const [key, words] of KEY_WORDS) {
    const row = document.createElement("div");
    const term = document.createElement("dt");
    term.append(Object.assign(document.createElement("kbd"), { textContent: key }));
    row.append(term, Object.assign(document.createElement("dd"), { textContent: words }));
    list.append(row);
  }
  const form = Object.assign(document.createElement("form"), { method: "dialog" });
  form.append(Object.assign(document.createElement("button"), { className: "bouton", textContent: "Fermer" }));
  dialog.append(title, list, form);
  dialog.addEventListener("close", () => dialog.remove());
  document.body.append(dialog);
  dialog.showModal();
  return true;
}
