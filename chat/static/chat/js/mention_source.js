// Completes `@`: people who are here, then authors of messages on the page, then members whom the server finds.

import { numbered, numberOf } from './mention_labels.js';

const ENOUGH = 8; // people
const ASK_AFTER = 180; // milliseconds without another key
const SERVER_LIMIT = 10; // people in one answer; chat/views/people.py

export class MentionSource {
  trigger = "@";
  label = "People";
  spaces = 3;

  // `data`: of the page: the room, who may mention all, and whether the user moderates.
  constructor({ mentionable, people, timeline, me, data, ignoring, get = getJson, clock = globalThis }) {
    Object.assign(this, { mentionable, people, timeline, me, data, ignoring, get, clock });
    this.answers = new Map(); // query → people
  }

  find(typed, update) {
    this.clock.clearTimeout(this.timer);
    const query = folded(typed);
    const found = this.#local(query);
    if (query && found.length < ENOUGH && !this.#answerFor(query)) {
      this.timer = this.clock.setTimeout(async () => {
        const room = `/rooms/${encodeURIComponent(this.data.room)}`;
        const people = await this.get(`${room}/people/?q=${encodeURIComponent(typed)}`);
        if (!people) return; // offline, or too many requests: the people of the page are shown
        for (const user of people) this.mentionable.know(user);
        this.answers.set(query, people);
        update(this.#local(query));
      }, ASK_AFTER);
    }
    return found;
  }

  text({ user }, box) {
    return `@${box.label(user)} `;
  }

  #local(query) {
    const here = this.people.sorted();
    const authors = this.timeline.seqs.map((seq) => this.timeline.messages.get(seq).author).reverse();
    const isHere = new Set(here.map(({ id }) => id));
    const people = new Map();
    for (const user of [...here, ...authors, ...(this.#answerFor(query) ?? [])]) {
      if (!people.has(user.id) && !this.#isLeftOut(user.id) && matches(user.name, query)) people.set(user.id, user);
    }
    const items = [...people.values()].slice(0, ENOUGH).map((user) => this.#item(user, isHere.has(user.id)));
    const all = { label: "all", detail: "everyone in this room", mark: "@", user: { id: "all", name: "all" } };
    // Last, so that nobody mentions everyone by mistake.
    if (this.#mayMentionAll() && "all".startsWith(query)) items.splice(query === "all" ? 0 : ENOUGH - 1, 0, all);
    return items;
  }

  #isLeftOut(id) {
    return id === this.me.id || this.ignoring.has(id);
  }

  #mayMentionAll() {
    const { mentionAll, moderates } = this.data;
    return mentionAll === "everyone" || (mentionAll === "moderators" && moderates === "true");
  }

  // Two people with the same name are told apart by a number, as in the text box.
  #item(user, isHere) {
    const label = numbered(user.name, numberOf(user.id, this.mentionable));
    const details = [isHere ? "here now" : "", user.guest ? "guest" : ""].filter(Boolean);
    return { label, detail: details.join(", "), avatar: user, user };
  }

  // The answer to this query, or to a shorter one that had everybody.
  #answerFor(query) {
    if (this.answers.has(query)) return this.answers.get(query);
    for (let length = query.length - 1; length > 0; length -= 1) {
      const shorter = this.answers.get(query.slice(0, length));
      if (shorter && shorter.length < SERVER_LIMIT) return shorter;
    }
    return null;
  }
}

// Whether a word of the name begins with the query. Case and accents are ignored.
export function matches(name, query) {
  const words = folded(name);
  return words.startsWith(query) || words.includes(` ${query}`);
}

function folded(text) {
  return text.normalize("NFD").replace(/\p{M}/gu, "").toLowerCase();
}

async function getJson(url) {
  try {
    const response = await fetch(url, { headers: { Accept: "application/json" } });
    return response.ok ? (await response.json()).people : null;
  } catch {
    return null;
  }
}
