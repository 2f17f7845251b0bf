// Decides from consecutive `room` events whether there is a new message that notifies this user.

export class Notices {
  #states = new Map(); // slug → the latest event

  // Returns whether this event has news. The first one of a room is its state, and no news.
  hasNews(room) {
    const { slug, former, head, unread, unread_from: from, mentions, notify = "", kind, gone } = room;
    const before = this.#states.get(slug) ?? this.#states.get(former);
    this.#states.delete(former);
    if (gone) this.#states.delete(slug);
    else this.#states.set(slug, room);
    if (!before || gone || notify === "nothing" || head <= before.head) return false;
    const isAll = notify === "all" || (kind === "direct" && !notify);
    const known = from > before.head ? { unread: 0, mentions: 0 } : before; // all that was unread then was read
    return mentions > known.mentions || (isAll && unread > known.unread);
  }

  // Whether the user has still not read it.
  isUnread({ slug }) {
    const { unread, mentions, notify, kind } = this.#states.get(slug) ?? {};
    return Boolean(notify === "all" || kind === "direct" ? unread : mentions);
  }
}

// Whether it is now between these two times ("22:00"), which may include midnight.
export function isQuiet([from, until] = [], zone = "", now = new Date()) {
  if (!from || from === until) return false;
  const options = { hour: "2-digit", minute: "2-digit", hourCycle: "h23", timeZone: zone || undefined };
  const time = new Intl.DateTimeFormat("en-GB", options).format(now);
  return from < until ? from <= time && time < until : time >= from || time < until;
}

// The newest message after a number that notifies: neither the user's own nor of a person whom they ignore, and
// a mention unless the level is all.
export function newestFor(messages, me, isAll, ignored = [], after = 0) {
  const silent = new Set([me, ...ignored]);
  const mentionsMe = (message) => message.mentions_all || message.mentions?.[me];
  return messages.findLast(
    (message) =>
      message.seq > after && !silent.has(message.author.id) && !message.deleted && (isAll || mentionsMe(message)),
  );
}
