// The messages on the page and the effect of changes on them, without the DOM. Changes outside of the run are ignored:
// those messages are fetched when the user scrolls to them.

import { quoteOf } from './excerpt.js';
import { Run } from './run.js';

export class Timeline extends Run {
  constructor({ head = null, epoch = null, ...run } = {}) {
    super(run);
    this.epoch = epoch;
    this.cursor = head; // all changes up to it are applied; null until the first catch-up has ended
    this.catchingUp = false; // from `welcome` to `synced` the cursor does not move
    this.newest = Math.max(head ?? 0, this.last ?? 0); // the highest known seq
    this.fetching = 0; // requests in progress; their messages may be older than events that arrived meanwhile
    this.missed = new Map(); // seq → message, for changes during a request
  }

  // Apply a message event. Returns what the page has to do: "insert", "update" or null.
  apply(message) {
    if (!this.catchingUp) this.cursor = Math.max(this.cursor, message.rev);
    this.newest = Math.max(this.newest, message.seq);
    if (this.fetching) this.#miss(message);
    const known = this.messages.get(message.seq);
    if (known) return this.#renew(known, message);
    if (!this.includes(message)) return null;
    this.insert(message);
    return "insert";
  }

  // Update the quotes of a message in its replies. Call with every message event, also for messages outside of the run.
  // Returns the quote, or null if the page has a later state of the message.
  requote(message) {
    if (message.rev < (this.messages.get(message.seq)?.rev ?? 0)) return null;
    const quote = quoteOf(message);
    for (const reply of this.messages.values()) if (reply.quote?.seq === quote.seq) reply.quote = quote;
    return quote;
  }

  // People have new display names. Returns the messages that mention them under an old name.
  rename(people) {
    const users = new Map(people.map((user) => [user.id, user]));
    return [...this.messages.values()].filter(({ author, quote, mentions = {} }) => {
      for (const user of [author, quote?.author]) adopt(user, users.get(user?.id));
      const old = Object.keys(mentions).filter((id) => (users.get(Number(id))?.name ?? mentions[id]) !== mentions[id]);
      for (const id of old) mentions[id] = users.get(Number(id)).name;
      return old.length > 0;
    });
  }

  // The catch-up begins.
  welcome(epoch) {
    this.epoch = epoch;
    this.catchingUp = true;
  }

  // Discard the messages; the server sends the latest page. With `keep` the run stays, because the user has scrolled up
  // and the page fetches these messages again.
  restart({ keep = false } = {}) {
    this.cursor = null;
    this.catchingUp = true;
    this.newest = 0;
    this.missed.clear();
    this.later = keep;
    if (keep) return;
    this.set([]);
    this.earlier = true;
  }

  // The catch-up has ended: every change up to `head` has arrived.
  synced(head) {
    this.cursor = head;
    this.catchingUp = false;
  }

  // Whether the server has sent changes that did not arrive here.
  isBehind(head) {
    return !this.catchingUp && head > this.cursor;
  }

  // The cursor for `hello`. There is none until the first catch-up has ended: an incomplete page is sent again.
  hello() {
    return this.cursor === null ? { since: null, epoch: null } : { since: this.cursor, epoch: this.epoch };
  }

  // Call `begin` before a request for messages, and `end` after it, also if it failed.
  begin() {
    this.fetching += 1;
  }

  end() {
    this.fetching -= 1;
    if (!this.fetching) this.missed.clear();
  }

  // Add fetched messages before the first or after the last. Returns those that are new on the page.
  join(messages, { earlier, later }) {
    const added = [];
    for (const fetched of messages) {
      const message = this.#latest(fetched);
      if (this.messages.has(message.seq)) continue;
      this.insert(message);
      added.push(message);
    }
    if (earlier !== undefined) this.earlier = earlier;
    // If an event during the request had a newer message, there is more to fetch.
    if (later !== undefined) this.later = later || (this.last ?? 0) < this.newest;
    return added;
  }

  // Replace the run with other messages.
  replace(messages, { earlier, later }) {
    const latest = messages.map((message) => this.#latest(message));
    this.set(latest);
    this.newest = Math.max(this.newest, this.last ?? 0);
    this.earlier = earlier;
    this.later = later || (this.last ?? 0) < this.newest;
    return latest;
  }

  #renew(known, message) {
    if (message.rev <= known.rev) return null;
    this.messages.set(message.seq, message);
    return "update";
  }

  // A fetched message with the changes that arrived during the request, also to the message that it quotes.
  #latest(fetched) {
    const newer = this.missed.get(fetched.seq);
    const message = newer && newer.rev > fetched.rev ? newer : fetched;
    const original = message.quote && this.missed.get(message.quote.seq);
    return original ? { ...message, quote: quoteOf(original) } : message;
  }

  #miss(message) {
    const known = this.missed.get(message.seq);
    if (!known || known.rev < message.rev) this.missed.set(message.seq, message);
  }
}

// Update a person with the latest event about them, if there is one. Without `avatar` they have no picture.
export function adopt(user, latest) {
  if (latest) Object.assign(user, { avatar: "" }, latest);
}
