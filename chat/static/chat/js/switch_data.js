// The options of the quick switcher: the rooms and commands of the page at once, then the answer of the server.

import { choose } from './room_choices.js';

const ASK_AFTER = 150; // milliseconds without a key
const TIMEOUT = 10_000;
const OFFLINE = "Only what is on this page. You may be offline.";
const csrf = () => document.querySelector('form[action$="/logout/"]');
const addressOf = (slug) => `/rooms/${encodeURIComponent(slug)}/`;

// The rooms that the page lists, in its order.
export function pageRooms() {
  return [...document.querySelectorAll("[data-rooms] .room-row")].map((row) => ({
    kind: "room",
    label: row.querySelector(".room-name bdi").textContent,
    url: addressOf(row.dataset.slug),
  }));
}

// Commands that act on this page.
export function pageCommands() {
  const room = document.querySelector("main[data-room]");
  const people = document.querySelector("[data-people-button]");
  const own = document.querySelector(".rooms-side .here")?.dataset.own;
  const isMuted = own?.endsWith(" nothing");
  const mute = () => choose(`${addressOf(room.dataset.room)}mine/`, { notify: isMuted ? "" : "nothing" });
  return [
    room && own && { label: isMuted ? "Unmute this room" : "Mute this room", act: mute },
    room && { label: "Notifications and order", url: `${addressOf(room.dataset.room)}mine/` },
    people && { label: "Show or hide the list of people", act: () => people.click() },
    csrf() && { label: "Log out", act: () => csrf().requestSubmit() },
  ].filter(Boolean).map((command) => ({ kind: "command", ...command }));
}

export class SwitchData {
  // `onChange()` is called when `options` or `note` has changed.
  constructor(onChange) {
    this.onChange = onChange;
    this.options = [];
    this.note = "";
    this.asked = null;
    this.timer = 0;
  }

  ask(query) {
    if (query === this.asked) return;
    this.asked = query;
    this.note = "Searching…";
    clearTimeout(this.timer);
    this.timer = setTimeout(() => this.#load(query), query ? ASK_AFTER : 0);
  }

  async #load(query) {
    try {
      const url = `/switch/?${new URLSearchParams({ q: query })}`;
      const response = await fetch(url, {
        headers: { Accept: "application/json" },
        signal: AbortSignal.timeout(TIMEOUT),
      });
      const found = await response.json();
      if (query !== this.asked) return; // an answer to an earlier text
      this.note = response.ok ? "" : found.message;
      if (response.ok) this.options = optionsOf(found);
    } catch {
      if (query !== this.asked) return;
      this.note = OFFLINE;
      this.asked = null; // the next key asks again
    }
    this.onChange();
  }
}

function optionsOf({ rooms, people, commands }) {
  return [
    ...rooms.map(({ slug, name }) => ({ kind: "room", label: name, url: addressOf(slug) })),
    ...people.map(({ id, name }) => ({ kind: "person", label: name, url: `/people/${id}/` })),
    ...commands.map(({ label, url }) => ({ kind: "command", label, url })),
  ];
}
