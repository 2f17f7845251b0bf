// Loads code of the room page with the first gesture that needs it. Offline it cannot be loaded.

import { ignoring } from './ignoring.js';
import { page, part } from './room_details.js';
import { completions } from './text_box.js';

const DIALOG_LINKS = "[data-dialog],.author,.person-name,.message>.avatar,.person>.avatar,.mention[data-user]";
const GESTURES = ["pointermove", "pointerdown", "keydown"];

// `parts` are those of room.js.
export function loadOnDemand(parts) {
  addEventListener("click", (event) => openDialog(event, parts.composer));
  if (part("messages").querySelector("pre, .table")) loadBlocks();
  for (const gesture of GESTURES) addEventListener(gesture, loadBlocks, { once: true, passive: true });
  completions.load = async () => {
    const { completionSources } = await import('./completion_sources.js');
    return completionSources({ ...parts, data: page.dataset, ignoring });
  };
}

// The form of another page, or the card of a person, opens in a dialog. Offline the link leads to the page.
async function openDialog(event, composer) {
  const link = event.target.closest(DIALOG_LINKS);
  if (!link || event.ctrlKey || event.metaKey) return;
  event.preventDefault();
  const { open } = await import('./card.js').catch(() => ({}));
  if (open) open(link, composer);
  else if (link.href) location.assign(link);
}

// Offline, code has no button until the next kind of gesture.
function loadBlocks() {
  import('./blocks.js').catch(() => {});
}
