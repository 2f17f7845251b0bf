// The room's name, topic and settings on its page, and its address.

import { tab } from './tab.js';

export const part = (name) => document.querySelector(`[data-${name}]`);
export const template = (name) => document.querySelector(`[data-template="${name}"]`);
export const page = part("room");

export const place = {
  slug: page.dataset.room,
  address: addressOf(page.dataset.room),
  path: location.pathname, // the room's address, or the permalink of one of its messages
};

// Show a `room` event.
export function showRoom(room, { composer, pager }) {
  const { topic, kind, joins = true, mention_all: mentionAll = "moderators" } = room;
  const shown = part("room-name");
  const name = room.name || shown.textContent; // of a direct conversation only events with counts have it
  page.dataset.mentionAll = mentionAll;
  shown.textContent = name;
  document.querySelector(".room-head .lock").toggleAttribute("hidden", kind !== "private");
  part("room-topic").textContent = topic;
  part("messages").dataset.joins = joins;
  const isDirect = kind === "direct";
  part("scroller").ariaLabel = `Messages ${isDirect ? "with" : "in"} ${name}`;
  composer.setLabel(`Message ${name}`);
  pager.rename(`This is the beginning of ${isDirect ? "your conversation with " : ""}${name}.`);
  tab.rename(`${name} · Obrolan`);
}

export function addressOf(slug) {
  return `/rooms/${encodeURIComponent(slug)}/`;
}
