// Whether the user may write in the room now, and the words that say why not. No DOM. The server renders the same
// (views/gate.py).

import { clock, dayKey } from './times.js';

const SECOND = 1_000; // milliseconds
const MONTHS = ["Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"];

// `room` and `sanctions` are events. `me` has `guest` and `moderates`. Returns null if the user may write, else
// { kind, text, reason, answer, until, id }: `until` in milliseconds, null for good; `id` of the sanction; `answer` to
// an appeal against it.
export function gateOf({ room, sanctions, me, now }) {
  const own = sanctions.filter((one) => inForce(one, now));
  const warning = own.find(({ kind }) => kind === "warning");
  const mute = longest(own.filter(({ kind }) => kind === "mute"));
  const notice = { reason: room.notice };
  if (room.archived) return gate("archived", "This room is archived. Nobody can write here.", notice);
  if (warning) return gate("warning", "A moderator warned you.", warning);
  if (mute) return gate("mute", `You are muted ${untilText(endOf(mute), now)}.`, mute);
  if (room.blocked) return gate("blocked", "Nobody can write here, because one of you blocked the other.");
  if (me.moderates) return null;
  if (room.locked) return gate("locked", "Only moderators can write here now.", notice);
  const calmUntil = room.calm_until ? Date.parse(room.calm_until) : 0;
  if (calmUntil > now) {
    return gate("calm", `This room is read-only ${untilText(calmUntil, now)}.`, { ...notice, until: room.calm_until });
  }
  if (room.posters === "accounts" && me.guest) return gate("accounts", "Only people with an account can write here.");
  return null;
}

export function inForce({ ended, until }, now) {
  return !ended && !(until && Date.parse(until) <= now);
}

// "until 14:05", "until 3 Dec, 14:05" or "for good"
export function untilText(until, now) {
  if (until === null) return "for good";
  const [end, today] = [new Date(until), new Date(now)];
  const day = dayKey(end) === dayKey(today) ? "" : `${end.getDate()} ${MONTHS[end.getMonth()]}, `;
  return `until ${day}${clock(end)}`;
}

// "3 min 12 s left", with the two largest units
export function leftText(milliseconds) {
  const seconds = Math.max(0, Math.ceil(milliseconds / SECOND));
  const units = [["d", 86_400, 365_000], ["h", 3_600, 24], ["min", 60, 60], ["s", 1, 60]];
  const parts = units.map(([unit, size, of]) => [Math.floor(seconds / size) % of, unit]);
  const first = parts.findIndex(([number]) => number);
  const shown = first < 0 ? [[0, "s"]] : parts.slice(first, first + 2).filter(([number]) => number);
  return [...shown.flat(), "left"].join(" ");
}

// `cause`: the sanction, or the mode with its `reason` and `until`.
function gate(kind, text, cause = {}) {
  const answer = cause.answer ? `The answer to your appeal: ${cause.answer}` : "";
  return { kind, text, reason: cause.reason ?? "", answer, until: endOf(cause), id: cause.id };
}

function endOf({ until }) {
  return until ? Date.parse(until) : null;
}

function longest(mutes) {
  return mutes.toSorted((a, b) => (endOf(b) ?? Infinity) - (endOf(a) ?? Infinity))[0];
}
