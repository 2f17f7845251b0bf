// Fetches older and newer messages when the user scrolls near the end of those on the page.

const NEAR = 1_200; // pixels
const PAGE = 100; // messages, the most in one response
const MOST = 400; // messages on the page; more are dropped at the far end
const PATIENCE = 10_000; // milliseconds
const TRIES = 4; // when the server is busy, or one reads faster than its rate limit
const LONGEST_WAIT = 30_000; // milliseconds between two of them
const LATER = [429, 503];

const pause = (milliseconds) => new Promise((resolve) => setTimeout(resolve, milliseconds));

// Milliseconds that the server asks to wait.
const retryAfter = (response) =>
  Math.min((Number(response.headers.get("Retry-After")) || 1) * 1_000, LONGEST_WAIT);

export class Pager {
  constructor({ url, timeline, talk, scroller, edge, fetch = globalThis.fetch.bind(globalThis), wait = pause }) {
    Object.assign(this, { url, timeline, talk, scroller, edge, fetch, wait });
    this.busy = null;
    scroller.element.addEventListener("scroll", () => this.look(), { passive: true });
    edge.addEventListener("click", (event) => {
      if (!event.target.closest("a")) return;
      event.preventDefault();
      this.earlier();
    });
  }

  look() {
    if (this.busy || this.failed) return;
    if (this.timeline.earlier && this.scroller.fromStart < NEAR) this.earlier();
    else if (this.timeline.later && this.scroller.fromEnd < NEAR) this.later();
  }

  // Try a failed fetch again. Called when the connection is back.
  again() {
    this.failed = false;
    this.look();
  }

  earlier() {
    return this.#once(async () => {
      this.edge.textContent = "Loading earlier messages";
      const from = this.timeline.first;
      const { messages, more } = await this.#get(from ? { before: from, limit: PAGE } : { limit: PAGE });
      this.scroller.keep(() => {
        this.#show(this.timeline.join(messages, { earlier: more }));
        this.talk.remove(this.timeline.shed(MOST, "end"));
        this.#showEdge();
      });
    });
  }

  later() {
    return this.#once(async () => {
      const { messages, more } = await this.#get({ after: this.timeline.last ?? 0, limit: PAGE });
      // At position 0 the page would follow the new messages. Stay with the last one read.
      if (this.scroller.atEnd) this.scroller.element.scrollTop = -9;
      this.scroller.keep(() => {
        this.#show(this.timeline.join(messages, { later: more }));
        this.talk.remove(this.timeline.shed(MOST, "start"));
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

  // Replace the messages with those around one that the user looks at.
  around(seq) {
    return this.#once(async () => {
      const { messages } = await this.#get({ around: seq, limit: PAGE });
      this.scroller.keep(() => this.#replace(messages, { earlier: true, later: true }));
    });
  }

  // While the user is at the end, new messages push the oldest off the page.
  trim() {
    if (this.busy || !this.scroller.atEnd) return;
    const gone = this.timeline.shed(MOST, "start");
    if (!gone.length) return;
    this.talk.remove(gone);
    this.#showEdge();
  }

  #replace(messages, ends) {
    this.talk.clear();
    this.#show(this.timeline.replace(messages, ends));
    this.#showEdge();
  }

  // From the last to the first: each is inserted before the one that is already there.
  #show(messages) {
    for (const message of messages.toReversed()) this.talk.insert(message, this.timeline.after(message.seq));
  }

  async #once(act) {
    while (this.busy) await this.busy;
    this.failed = false;
    this.busy = this.#during(act);
    await this.busy;
    this.busy = null;
    this.look();
  }

  async #during(act) {
    this.timeline.begin();
    this.scroller.element.setAttribute("aria-busy", "true"); // screen readers announce new messages, not old ones
    try {
      await act();
    } catch {
      this.failed = true;
      this.#sayFailed();
    }
    this.scroller.element.removeAttribute("aria-busy");
    this.timeline.end();
  }

  async #get(query) {
    const address = `${this.url}?${new URLSearchParams(query)}`;
    for (let tried = 1; ; tried += 1) {
      const response = await this.fetch(address, {
        headers: { Accept: "application/json" },
        signal: AbortSignal.timeout(PATIENCE),
      });
      if (response.ok) return response.json();
      if (!LATER.includes(response.status) || tried === TRIES) throw new Error(`${response.status}`);
      await this.wait(retryAfter(response) * (1 + Math.random() / 2));
    }
  }

  // The room has another name.
  rename(beginning) {
    this.edge.dataset.beginning = beginning;
    if (!this.timeline.earlier) this.#showEdge();
  }

  #showEdge() {
    this.edge.textContent = this.timeline.earlier ? "Earlier messages" : this.edge.dataset.beginning;
  }

  #sayFailed() {
    if (!this.timeline.earlier) return;
    const again = document.createElement("a");
    again.href = "";
    again.textContent = "Try again";
    this.edge.replaceChildren("Earlier messages could not be loaded. ", again);
  }
}
