import assert from "node:assert/strict";
import { beforeEach, test } from "node:test";
import { Connection } from "../../chat/static/chat/js/connection.js";
import { Clock } from "./clock.mjs";

let clock, sockets, states, events, online;

class FakeSocket {
  constructor(url) {
    this.url = url;
    this.readyState = 0;
    this.sent = [];
    sockets.push(this);
  }
  send(text) {
    this.sent.push(JSON.parse(text));
  }
  close() {
    this.readyState = 3;
  }
  open() {
    this.readyState = 1;
    this.onopen();
    return this;
  }
  receive(...list) {
    this.onmessage({ data: JSON.stringify(list) });
    return this;
  }
  drop(code) {
    this.readyState = 3;
    this.onclose({ code });
  }
}

function connect() {
  const connection = new Connection({
    url: "ws://localhost/ws/rooms/kitchen/",
    hello: () => ({ since: 7, epoch: "e" }),
    onEvents: (list) => events.push(...list),
    onState: (state, detail) => states.push({ state, ...detail }),
    open: (url) => new FakeSocket(url),
    clock,
    now: () => clock.now,
    random: () => 1,
    online: () => online,
  });
  connection.start();
  return connection;
}

const socket = () => sockets.at(-1);
const state = () => states.at(-1).state;

beforeEach(() => {
  clock = new Clock();
  sockets = [];
  states = [];
  events = [];
  online = true;
});

test("the first frame is hello with the page's cursor", () => {
  connect();
  socket().open();
  assert.deepEqual(socket().sent, [{ type: "hello", pongs: true, since: 7, epoch: "e" }]);
  assert.equal(state(), "connecting");
  socket().receive({ type: "welcome" });
  assert.equal(state(), "open");
});

test("no command is sent before the welcome", () => {
  const connection = connect();
  socket().open();
  assert.equal(connection.send({ type: "typing" }), false);
  socket().receive({ type: "welcome" });
  assert.equal(connection.send({ type: "typing" }), true);
});

test("after 35 s of silence it pings, and reconnects if no pong arrives within 10 s", () => {
  connect();
  socket().open().receive({ type: "welcome" });
  clock.advance(35_000);
  assert.deepEqual(socket().sent.at(-1), { type: "ping" });
  socket().receive({ type: "pong", head: 7 });
  clock.advance(35_000);
  clock.advance(9_000);
  assert.equal(state(), "open");
  clock.advance(1_000);
  assert.equal(state(), "waiting");
  clock.advance(500);
  assert.equal(sockets.length, 2);
});

test("it does not ping while it hears from the server", () => {
  connect();
  socket().open().receive({ type: "welcome" });
  for (let n = 0; n < 10; n += 1) {
    clock.advance(30_000);
    socket().receive({ type: "pong", head: 7 });
  }
  assert.deepEqual(socket().sent.map(({ type }) => type), ["hello"]);
  assert.equal(state(), "open");
});

test("a server that does not know pongs gets a hello without them", () => {
  connect();
  socket().open().receive({ type: "error", code: "malformed", message: "Unknown field.", retry: false });
  clock.advance(1_000);
  socket().open().receive({ type: "welcome" });
  assert.deepEqual(socket().sent, [{ type: "hello", since: 7, epoch: "e" }]);
  assert.equal(state(), "open");
});

test("the wait grows with each attempt", () => {
  connect();
  const waits = [];
  for (let n = 0; n < 8; n += 1) {
    const before = clock.now;
    const attempts = sockets.length;
    socket().drop(1006);
    while (sockets.length === attempts) clock.advance(100);
    waits.push(clock.now - before);
  }
  assert.deepEqual(waits, [500, 1000, 1500, 1500, 1500, 1500, 1500, 1500]);
});

for (const code of [4401, 4403, 4404, 4409]) {
  test(`after ${code} it stays closed and shows the reason`, () => {
    connect();
    socket().open().receive({ type: "error", code: "x", message: "The reason.", retry: false });
    socket().drop(code);
    assert.deepEqual(states.at(-1), { state: "closed", code, message: "The reason." });
    clock.advance(600_000);
    assert.equal(sockets.length, 1);
  });
}

for (const code of [1000, 1006, 4400, 4408, 4429, 4012]) {
  test(`after ${code} it reconnects`, () => {
    connect();
    socket().open().receive({ type: "welcome" }).drop(code);
    clock.advance(11_000);
    assert.equal(sockets.length, 2);
  });
}

test("after bye it waits as long as the server asked", () => {
  connect();
  socket().open().receive({ type: "welcome" }, { type: "bye", reason: "restart", retry_after_ms: 3_000 }).drop(4012);
  clock.advance(2_900);
  assert.equal(sockets.length, 1);
  clock.advance(700);
  assert.equal(sockets.length, 2);
});

test("without a network it is offline, and it reconnects at once when the network is back", () => {
  const connection = connect();
  socket().open().receive({ type: "welcome" });
  online = false;
  socket().drop(1006);
  assert.equal(state(), "offline");
  clock.advance(60_000);
  socket().drop(1006);
  const attempts = sockets.length;
  online = true;
  connection.probe();
  assert.equal(sockets.length, attempts + 1);
});

test("after the computer slept it reconnects at once", () => {
  connect();
  socket().open().receive({ type: "welcome" });
  clock.sleep(90_000);
  clock.advance(5_000);
  assert.equal(sockets.length, 2);
});

test("after a network change the connection is closed if no answer arrives within 3 s", () => {
  const connection = connect();
  socket().open().receive({ type: "welcome" });
  connection.probe();
  assert.deepEqual(socket().sent.at(-1), { type: "ping" });
  clock.advance(3_000);
  assert.equal(state(), "waiting");
});

test("events of a replaced socket are ignored", () => {
  const connection = connect();
  const first = socket().open().receive({ type: "welcome" });
  connection.reconnect();
  assert.equal(first.onmessage, null);
  assert.equal(first.readyState, 3);
});

test("a stopped connection does nothing, and starts again", () => {
  const connection = connect();
  socket().open().receive({ type: "welcome" });
  connection.stop();
  clock.advance(600_000);
  assert.equal(sockets.length, 1);
  connection.start();
  assert.equal(sockets.length, 2);
});

test("a hello that the server cannot serve now is sent again", () => {
  connect();
  socket().open().receive({ type: "error", code: "unavailable", message: "Busy.", retry: true, retry_after_ms: 1_000 });
  assert.equal(state(), "waiting");
  clock.advance(1_500);
  assert.equal(sockets.length, 2);
});
