// Loads older and newer messages when the user scrolls near the first or the last message on the page.

import { fetchMessages } from './fetch_messages.js';

const NEAR = 1_200; // pixels
const PAGE = 100; // messages, the most in one response
const MAX_MESSAGES = 400; // on the page; more are removed at the far end

export class Pager {
  // `client`: see fetchMessages.
  constructor({ url, timeline, messageList, scroller, edge, ...client }) {
    Object.assign(this, { url, timeline, messageList, scroller, edge, client });
    this.busy = null;
    this.onChange = () => {}; // called when messages were added or removed, before the next paint
    scroller.element.addEventListener("scroll", () => this.loadIfNear(), { passive: true });
    edge.addEventListener("click", (event) => {
      if (!event.target.closest("a")) return;
      event.preventDefault();
      this.earlier();
    });
  }

  loadIfNear() {
    if (this.busy || this.failed) return;
    if (this.timeline.earlier && this.scroller.fromStart < NEAR) this.earlier();
    else if (this.timeline.later && this.scroller.fromEnd < NEAR) this.later();
  }

  // Repeat a failed request. Called when the connection is back.
  retry() {
    this.failed = false;
    this.loadIfNear();
  }

  earlier() {
    return this.#once(async () => {
      this.edge.textContent = "Loading earlier messages";
      const from = this.timeline.first;
      const { messages, more } = await this.#get(from ? { before: from, limit: PAGE } : { limit: PAGE });
      this.scroller.keep(() => {
        this.#show(this.timeline.join(messages, { earlier: more }));
        this.messageList.remove(this.timeline.trim(MAX_MESSAGES, "end"));
        this.#showEdge();
      });
    });
  }

  later() {
    return this.#once(async () => {
      const { messages, more } = await this.#get({ after: this.timeline.last ?? 0, limit: PAGE });
      // At position 0 the view would follow the new messages. Stay at the last message instead.
      if (this.scroller.atEnd) this.scroller.element.scrollTop = -9;
      this.scroller.keep(() => {
        this.#show(this.timeline.join(messages, { later: more }));
        this.messageList.remove(this.timeline.trim(MAX_MESSAGES, "start"));
        this.#showEdge();
      });
    });
  }

  // Replace the messages with the room's latest.
  latest() {
    return this.#once(async () => {
      const { messages, more } = await this.#get({ limit: PAGE });
      this.#replace(messages, { earlier: more, later: false });
      this.scroller.toEnd();
    });
  }

  // Replace the messages with those around the message `seq`.
  around(seq) {
    return this.#once(async () => {
      const { messages } = await this.#get({ around: seq, limit: PAGE });
      this.scroller.keep(() => this.#replace(messages, { earlier: true, later: true }));
    });
  }

  // The message `seq`, or null if it cannot be loaded. The page stays.
  async one(seq) {
    const { messages } = await this.#get({ around: seq, limit: 1 }).catch(() => ({ messages: [] }));
    return messages.find((message) => message.seq === seq) ?? null;
  }

  // Remove the oldest messages while the user is at the end.
  trim() {
    if (this.busy || !this.scroller.atEnd) return;
    const gone = this.timeline.trim(MAX_MESSAGES, "start");
    if (!gone.length) return;
    this.messageList.remove(gone);
    this.#showEdge();
  }

  #replace(messages, ends) {
    this.messageList.clear();
    this.#show(this.timeline.replace(messages, ends));
    this.#showEdge();
  }

  // Insert from the last to the first: each goes before the message after it.
  #show(messages) {
    for (const message of messages.toReversed()) this.messageList.insert(message, this.timeline.after(message.seq));
  }

  async #once(act) {
    while (this.busy) await this.busy;
    this.failed = false;
    this.busy = this.#during(act);
    await this.busy;
    this.busy = null;
    this.loadIfNear();
  }

  async #during(act) {
    this.timeline.begin();
    this.scroller.element.setAttribute("aria-busy", "true"); // screen readers announce new messages, not old ones
    try {
      await act();
    } catch {
      this.failed = true;
      this.#showFailure();
    }
    this.scroller.element.removeAttribute("aria-busy");
    this.timeline.end();
  }

  #get(query) {
    return fetchMessages(this.url, query, this.client);
  }

  // The room was renamed.
  rename(beginning) {
    this.edge.dataset.beginning = beginning;
    if (!this.timeline.earlier) this.#showEdge();
  }

  #showEdge() {
    this.edge.textContent = this.timeline.earlier ? "Earlier messages" : this.edge.dataset.beginning;
    this.onChange();
  }

  #showFailure() {
    if (!this.timeline.earlier) return;
    const again = document.createElement("a");
    again.href = "";
    again.textContent = "Try again";
    this.edge.replaceChildren("Earlier messages could not be loaded. ", again);
  }
}
