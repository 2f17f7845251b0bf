// The modes of the room beside its name. The server renders the same (views/gate.py).

import { untilText } from './gate.js';
import { part } from './room_details.js';

export function modesText(room, now) {
  const calmUntil = room.calm_until ? Date.parse(room.calm_until) : 0;
  return [
    room.archived && "Archived",
    room.locked && "Locked",
    calmUntil > now && `Read-only ${untilText(calmUntil, now)}`,
    room.slow_mode && `Slow mode: ${lengthOf(room.slow_mode)}`,
  ].filter(Boolean);
}

export function showModes(room, now) {
  const texts = modesText(room, now);
  const list = part("modes");
  if ([...list.children].map((one) => one.textContent).join() === texts.join()) return;
  list.replaceChildren(...texts.map(item));
  list.hidden = !texts.length;
}

function item(text) {
  const element = document.createElement("li");
  element.className = "badge";
  element.textContent = text;
  return element;
}

// "30 s", "5 min", "1 h"
function lengthOf(seconds) {
  if (seconds < 60) return `${seconds} s`;
  return seconds < 3_600 ? `${seconds / 60} min` : `${seconds / 3_600} h`;
}
