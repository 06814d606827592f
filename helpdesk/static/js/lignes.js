// Adds and removes rows of inputs. <… data-rows data-rows-max="20"> holds [data-row], [data-row-add], [data-row-remove].

export function startRows() {
  for (const group of document.querySelectorAll("[data-rows]")) {
    group.addEventListener("click", (event) => {
      const button = event.target.closest("[data-row-add], [data-row-remove]");
      if (!button) return;
      event.preventDefault();
      if ("rowAdd" in button.dataset) addRow(group);
      else removeRow(group, button.closest("[data-row]"));
    });
    numberRows(group);
  }
}

function rowsOf(group) {
  return [...group.querySelectorAll("[data-row]")];
}

function numberRows(group) {
  const rows = rowsOf(group);
  rows.forEach((row, index) => {
    row.querySelectorAll("[data-row-number]").forEach((place) => (place.textContent = index + 1));
    row.querySelector("[data-row-remove]").hidden = rows.length < 2;
  });
  group.querySelector("[data-row-add]").disabled = rows.length >= Number(group.dataset.rowsMax);
}

function addRow(group) {
  const last = rowsOf(group).pop();
  const row = last.cloneNode(true);
  row.querySelectorAll(".message-erreur").forEach((message) => message.remove());
  const next = (text) => text.replace(/-(\d+)(?=\D*$)/, (_, number) => `-${Number(number) + 1}`);
  row.querySelectorAll("input, textarea, select").forEach((field) => {
    field.id = next(field.id);
    field.name = next(field.name);
    field.value = "";
    field.removeAttribute("aria-invalid");
    field.removeAttribute("aria-describedby");
  });
  row.querySelectorAll("label").forEach((label) => (label.htmlFor = next(label.htmlFor)));
  last.after(row);
  numberRows(group);
  row.querySelector("input, textarea, select").focus();
}

function removeRow(group, row) {
  const neighbour = row.nextElementSibling || row.previousElementSibling;
  row.remove();
  numberRows(group);
  neighbour.querySelector("input, textarea, select").focus();
  group.dispatchEvent(new Event("input", { bubbles: true }));
}
