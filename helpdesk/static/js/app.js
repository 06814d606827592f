// Comfort only: every page works without it.

import { startDrafts } from "./brouillon.js";
import { startErrors } from "./erreurs.js";
import { startPersonalData } from "./donnees.js";
import { startPresence } from "./presence.js";
import { startRows } from "./lignes.js";
import { startShortcuts } from "./raccourcis.js";
import { startSuggestions } from "./suggestions.js";

for (const start of [startErrors, startRows, startDrafts, startPersonalData, startPresence, startShortcuts, startSuggestions]) {
  // One comfort that fails takes none of the others with it.
  try {
    start();
  } catch (error) {
    console.error(error);
  }
}
