// A socket's life: hello, heartbeat, and coming back. It knows nothing of what the events mean.

import { Backoff } from './timer.js';

const PING_EVERY = 25_000; // milliseconds
const PONG_WITHIN = 10_000;
const PROBE_WITHIN = 3_000; // after a sign that the connection may be gone
const WELCOME_WITHIN = 15_000;
const WATCH_EVERY = 5_000;
const ASLEEP = 20_000; // the clock jumped this far between two looks at it
const FINAL = new Set([4401, 4403, 4404, 4409]);
const FLOODED = 4429;
const FLOOD_PAUSE = 10_000;

export class Connection {
  // `hello()` → { since, epoch }; `onEvents(list)`; `onState(state, { code, message })`.
  constructor({ url, hello, onEvents, onState, open = (address) => new WebSocket(address), clock = globalThis, now = Date.now, random = Math.random, online = () => true }) {
    Object.assign(this, { url, hello, onEvents, onState, open, clock, now, online });
    this.random = random;
    this.backoff = new Backoff({ random });
    this.state = "idle";
    this.socket = null;
    this.timers = new Map();
  }

  start() {
    this.#watch();
    this.#connect();
  }

  // For good: leaving the page. `start` or `resume` begins anew.
  stop() {
    this.#drop();
    for (const name of this.timers.keys()) this.#cancel(name);
    this.#become("idle");
  }

  // True when it left; what is not sent stays with whoever asked.
  send(command) {
    if (this.state !== "open" || this.socket?.readyState !== 1) return false;
    this.socket.send(JSON.stringify(command));
    return true;
  }

  // The network, the page or the reader came back: do not wait for the timers.
  probe() {
    if (this.state === "closed" || this.state === "idle") return;
    if (this.state === "open") this.#ping(PROBE_WITHIN);
    else if (!this.socket) this.#connect();
  }

  // Begin anew at once: a change may have been missed, or the computer slept.
  again() {
    if (this.state === "idle") return;
    this.#drop();
    this.backoff.reset();
    this.#connect();
  }

  #connect() {
    this.#cancel("retry");
    this.#drop();
    this.#become("connecting");
    this.refusal = null;
    this.retryAfter = null;
    const socket = (this.socket = this.open(this.url));
    socket.onopen = () => socket.send(JSON.stringify({ type: "hello", ...this.hello() }));
    socket.onmessage = ({ data }) => this.#receive(JSON.parse(data));
    socket.onclose = ({ code }) => this.#closed(code);
    this.#after("welcome", WELCOME_WITHIN, () => this.#lost());
  }

  #receive(events) {
    this.#cancel("pong"); // whatever comes shows that the connection is alive
    for (const event of events) {
      if (event.type === "welcome") this.#welcomed();
      else if (event.type === "bye") this.retryAfter = event.retry_after_ms;
      else if (event.type === "sanction") this.refusal = event.message;
      else if (event.type === "error" && !event.id) this.#refused(event);
    }
    this.onEvents(events);
  }

  #welcomed() {
    this.#cancel("welcome");
    this.backoff.reset();
    this.#become("open");
    this.#after("ping", PING_EVERY, () => this.#ping(PONG_WITHIN));
  }

  #refused(event) {
    this.refusal = event.message;
    this.retryAfter = event.retry_after_ms ?? this.retryAfter;
    if (this.state === "connecting" && event.retry) this.#lost();
  }

  #ping(within) {
    this.send({ type: "ping" });
    this.#after("ping", PING_EVERY, () => this.#ping(PONG_WITHIN));
    if (!this.timers.has("pong")) this.#after("pong", within, () => this.#lost());
  }

  #closed(code) {
    this.socket = null;
    if (FINAL.has(code)) {
      this.#drop();
      this.#become("closed", { code, message: this.refusal });
      return;
    }
    this.#lost(code === FLOODED ? FLOOD_PAUSE : 0);
  }

  #lost(atLeast = 0) {
    this.#drop();
    const wait = atLeast + (this.retryAfter ?? 0) + this.backoff.next();
    this.retryAfter = null;
    this.#become(this.online() ? "waiting" : "offline");
    this.#after("retry", wait, () => this.#connect());
  }

  #drop() {
    for (const name of ["welcome", "ping", "pong"]) this.#cancel(name);
    const socket = this.socket;
    this.socket = null;
    if (!socket) return;
    socket.onopen = socket.onmessage = socket.onclose = null;
    socket.close();
  }

  // A computer that slept has no connection any more, whatever the socket believes.
  #watch() {
    const seen = this.now();
    this.#after("watch", WATCH_EVERY, () => {
      if (this.now() - seen > ASLEEP + WATCH_EVERY && this.state !== "closed") this.again();
      this.#watch();
    });
  }

  #become(state, detail = {}) {
    if (state === this.state && state !== "closed") return;
    this.state = state;
    this.onState(state, detail);
  }

  #after(name, wait, act) {
    this.#cancel(name);
    this.timers.set(
      name,
      this.clock.setTimeout(() => {
        this.timers.delete(name);
        act();
      }, wait),
    );
  }

  #cancel(name) {
    this.clock.clearTimeout(this.timers.get(name));
    this.timers.delete(name);
  }
}
