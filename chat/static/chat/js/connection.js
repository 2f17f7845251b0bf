// A WebSocket connection: hello, heartbeat and reconnect. It passes the events on without interpreting them.

import { Backoff } from './timer.js';

const PING_AFTER = 35_000; // milliseconds without a frame; the server sends a pong every 30 s
const PONG_TIMEOUT = 10_000;
const PROBE_TIMEOUT = 3_000; // after an event that suggests that the connection is lost
const WELCOME_TIMEOUT = 15_000;
const CLOCK_CHECK_EVERY = 5_000;
const SLEPT = 20_000; // a jump of the clock between two checks that means that the computer slept
const FINAL_CODES = new Set([4401, 4403, 4404, 4409]); // close codes after which the client does not reconnect
const FLOOD_CODE = 4429;
const FLOOD_PAUSE = 10_000;

export class Connection {
  // `hello()` → { since, epoch }; `onEvents(list)`; `onState(state, { code, message })`.
  constructor({
    url,
    hello,
    onEvents,
    onState,
    open = (url) => new WebSocket(url),
    clock = globalThis,
    now = Date.now,
    random = Math.random,
    online = () => true,
  }) {
    Object.assign(this, { url, hello, onEvents, onState, open, clock, now, online });
    this.random = random;
    this.backoff = new Backoff({ random });
    this.state = "idle";
    this.socket = null;
    this.timers = new Map();
    this.pongs = { pongs: true }; // asks for a sign of life of the server
  }

  start() {
    this.#watchClock();
    this.#connect();
  }

  // Close the connection and do not reconnect, until `start` is called.
  stop() {
    this.#drop();
    for (const name of this.timers.keys()) this.#cancel(name);
    this.#setState("idle");
  }

  // Returns true if the command was sent. The caller keeps a command that was not.
  send(command) {
    if (this.state !== "open" || this.socket?.readyState !== 1) return false;
    this.socket.send(JSON.stringify(command));
    return true;
  }

  // Check the connection now: the network, the tab or the user came back.
  probe() {
    if (this.state === "closed" || this.state === "idle") return;
    if (this.state === "open") this.#ping(PROBE_TIMEOUT);
    else if (!this.socket) this.#connect();
  }

  // Reconnect immediately: an event may have been missed, or the computer slept.
  reconnect() {
    if (this.state === "idle") return;
    this.#drop();
    this.backoff.reset();
    this.#connect();
  }

  #connect() {
    this.#cancel("retry");
    this.#drop();
    this.#setState("connecting");
    this.refusal = null;
    this.retryAfter = null;
    const socket = (this.socket = this.open(this.url));
    socket.onopen = () => socket.send(JSON.stringify({ type: "hello", ...this.pongs, ...this.hello() }));
    socket.onmessage = ({ data }) => this.#receive(JSON.parse(data));
    socket.onclose = ({ code }) => this.#closed(code);
    this.#after("welcome", WELCOME_TIMEOUT, () => this.#lost());
  }

  #receive(events) {
    this.#cancel("pong"); // any frame shows that the connection is alive
    if (this.state === "open") this.#pingLater();
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
    this.#setState("open");
    this.#pingLater();
  }

  #pingLater() {
    this.#after("ping", PING_AFTER, () => this.#ping(PONG_TIMEOUT));
  }

  #refused(event) {
    this.refusal = event.message;
    this.retryAfter = event.retry_after_ms ?? this.retryAfter;
    if (this.state !== "connecting") return;
    const isOlder = event.code === "malformed" && this.pongs; // a server of an older version: then only this page pings
    if (isOlder) this.pongs = null;
    if (isOlder || event.retry) this.#lost();
  }

  #ping(within) {
    this.send({ type: "ping" });
    this.#pingLater();
    if (!this.timers.has("pong")) this.#after("pong", within, () => this.#lost());
  }

  #closed(code) {
    this.socket = null;
    if (FINAL_CODES.has(code)) {
      this.#drop();
      this.#setState("closed", { code, message: this.refusal });
      return;
    }
    this.#lost(code === FLOOD_CODE ? FLOOD_PAUSE : 0);
  }

  #lost(atLeast = 0) {
    this.#drop();
    const wait = atLeast + (this.retryAfter ?? 0) + this.backoff.next();
    this.retryAfter = null;
    this.#setState(this.online() ? "waiting" : "offline");
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

  // After the computer slept, the connection is gone, even if the socket is still open.
  #watchClock() {
    const seen = this.now();
    this.#after("watch", CLOCK_CHECK_EVERY, () => {
      if (this.now() - seen > SLEPT + CLOCK_CHECK_EVERY && this.state !== "closed") this.reconnect();
      this.#watchClock();
    });
  }

  #setState(state, detail = {}) {
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
