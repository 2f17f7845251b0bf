// The user's standing in the room: sanctions, modes of the room, messages that wait for approval. Loaded when there
// is one of them. A notice replaces the composer while the user may not write; the draft stays in it.

import { gateOf, leftText } from './gate.js';
import { Held } from './held.js';
import { showModes } from './modes.js';
import { part } from './room_details.js';
import { SlowMode } from './slow_mode.js';

const TICK = 1_000; // milliseconds
const REPEATED_WITHIN = 2_000; // milliseconds after `welcome`
const ACTIONS = { warning: "acknowledge", mute: "sanctions", accounts: "login" };

export class Standing {
  // `parts`: those of room.js. The page has the state that the server rendered, as { events, slow_for }.
  constructor(parts) {
    Object.assign(this, parts);
    const data = JSON.parse(part("standing")?.textContent ?? '{"events": []}');
    this.element = part("gate");
    this.ahead = Number(part("room").dataset.now) - answeredAt(); // milliseconds by which the server's clock is ahead
    this.sanctions = new Map(); // by id
    this.stale = new Set(); // ids that the server has not repeated since `welcome`
    this.room = {};
    this.held = new Held(parts);
    this.slow = new SlowMode(parts, { now: () => this.now(), wait: data.slow_for });
    this.element.addEventListener("submit", (event) => this.#acknowledge(event));
    document.addEventListener("visibilitychange", () => document.hidden || this.#show());
    for (const event of data.events) this.receive(event);
  }

  receive(event) {
    if (event.type === "welcome") this.#welcomed();
    else if (event.type === "sanction") this.#sanction(event);
    else if (event.type === "held") this.held.receive(event);
    const room = event.type === "room" ? event : event.room;
    if (room?.kind) this.#modes(room);
    this.waiting ??= setTimeout(() => this.#show()); // once for the events of a frame
  }

  now() {
    return Date.now() + this.ahead;
  }

  // The sanctions in force follow. All others ended while there was no connection.
  #welcomed() {
    this.stale = new Set(this.sanctions.keys());
    this.held.welcomed();
    clearTimeout(this.settling);
    this.settling = setTimeout(() => {
      for (const id of this.stale) this.sanctions.delete(id);
      this.held.settle();
      this.#show();
    }, REPEATED_WITHIN);
  }

  #sanction(event) {
    this.stale.delete(event.id);
    if (event.id) this.sanctions.set(event.id, event);
  }

  #modes(room) {
    this.room = room;
    this.slow.seconds = this.me.moderates ? 0 : (room.slow_mode ?? 0);
    showModes(room, this.now());
  }

  #show() {
    this.waiting = null;
    clearTimeout(this.timer);
    const sanctions = [...this.sanctions.values()];
    const gate = gateOf({ room: this.room, sanctions, me: this.me, now: this.now() });
    const key = gate && `${gate.kind} ${gate.text} ${gate.reason} ${gate.answer}`;
    if (key !== this.shown) this.#change(gate);
    this.shown = key;
    const left = gate?.until ? gate.until - this.now() : 0;
    part("gate-left").textContent = left ? leftText(left) : "";
    if (left) this.timer = setTimeout(() => this.#show(), Math.min(TICK, left % TICK || TICK) + 5);
    if (this.room.calm_until) showModes(this.room, this.now());
    this.slow.show();
  }

  #change(gate) {
    const hadFocus = document.activeElement?.closest(".composer, [data-gate]");
    const before = this.element.hidden ? "" : this.#words; // the server may have rendered the same
    if (gate) this.#fill(gate);
    this.element.hidden = !gate;
    const now = gate ? this.#words : "";
    if (now !== before) part("announcer").textContent = now || "You can write again.";
    if (!hadFocus) return;
    if (!gate) this.composer.focusUnlessTouch();
    else (this.element.querySelector("[data-action]:not([hidden]) button, a:not([hidden])") ?? part("scroller")).focus();
  }

  get #words() {
    return ["gate-text", "gate-reason", "gate-answer"].map((name) => part(name).textContent).join(" ").trim();
  }

  #fill({ kind, text, reason, answer, id }) {
    part("gate-text").textContent = text;
    part("gate-reason").textContent = reason;
    part("gate-answer").textContent = answer;
    for (const action of this.element.querySelectorAll("[data-action]")) {
      action.hidden = action.dataset.action !== ACTIONS[kind];
      if (kind === "warning" && action.action) action.action = action.action.replace(/\d+(?=\/acknowledge)/, id);
    }
  }

  async #acknowledge(event) {
    event.preventDefault();
    const form = event.target;
    const headers = { Accept: "application/json" };
    const sent = await fetch(form.action, { method: "POST", body: new FormData(form), headers }).catch(() => null);
    if (!sent?.ok) {
      this.status.tell("This was not saved. You may be offline. Try again in a moment.");
      return;
    }
    const id = Number(form.action.match(/(\d+)\/acknowledge/)[1]);
    this.sanctions.set(id, { ...this.sanctions.get(id), ended: true });
    this.#show();
  }
}

// When the server answered the request for this page, by the browser's clock.
function answeredAt() {
  const [page] = performance.getEntriesByType("navigation");
  return performance.timeOrigin + (page?.responseStart ?? performance.now());
}
