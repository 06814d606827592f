// What several modules share. Top-level names are unique over all modules: the server joins them.

export function csrfToken() {
  const input = document.querySelector("input[name=csrf_token]");
  return input ? input.value : "";
}

export function postForm(url, body, options = {}) {
  // A redirection means that the session has ended: it must not be taken for a success.
  return fetch(url, { method: "POST", body, redirect: "manual", headers: { Accept: "application/json" }, ...options });
}

export function clockText(date) {
  return `${date.getHours()}\u00a0h\u00a0${String(date.getMinutes()).padStart(2, "0")}`;
}

export function say(element, text) {
  // A live region is only touched when its words change, so that nothing is read twice.
  if (element && element.textContent !== text) element.textContent = text;
}

export function listOf(words) {
  return words.length < 2 ? words.join("") : `${words.slice(0, -1).join(", ")} et ${words[words.length - 1]}`;
}
