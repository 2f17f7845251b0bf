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
  opens() {
    this.readyState = 1;
    this.onopen();
    return this;
  }
  says(...list) {
    this.onmessage({ data: JSON.stringify(list) });
    return this;
  }
  ends(code) {
    this.readyState = 3;
    this.onclose({ code });
  }
}

function connected() {
  const connection = new Connection({
    url: "ws://here/ws/rooms/kitchen/",
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
  connected();
  socket().opens();
  assert.deepEqual(socket().sent, [{ type: "hello", since: 7, epoch: "e" }]);
  assert.equal(state(), "connecting");
  socket().says({ type: "welcome" });
  assert.equal(state(), "open");
});

test("no command is sent before the welcome", () => {
  const connection = connected();
  socket().opens();
  assert.equal(connection.send({ type: "typing" }), false);
  socket().says({ type: "welcome" });
  assert.equal(connection.send({ type: "typing" }), true);
});

test("it pings every 25 s and reconnects if no pong arrives within 10 s", () => {
  connected();
  socket().opens().says({ type: "welcome" });
  clock.pass(25_000);
  assert.deepEqual(socket().sent.at(-1), { type: "ping" });
  socket().says({ type: "pong", head: 7 });
  clock.pass(25_000);
  clock.pass(9_000);
  assert.equal(state(), "open");
  clock.pass(1_000);
  assert.equal(state(), "waiting");
  clock.pass(500);
  assert.equal(sockets.length, 2);
});

test("the wait grows with each attempt", () => {
  connected();
  const waits = [];
  for (let n = 0; n < 8; n += 1) {
    const before = clock.now;
    const tries = sockets.length;
    socket().ends(1006);
    while (sockets.length === tries) clock.pass(100);
    waits.push(clock.now - before);
  }
  assert.deepEqual(waits, [500, 1000, 1500, 1500, 1500, 1500, 1500, 1500]);
});

for (const code of [4401, 4403, 4404, 4409]) {
  test(`after ${code} it stays closed and shows the reason`, () => {
    connected();
    socket().opens().says({ type: "error", code: "x", message: "Words for people.", retry: false });
    socket().ends(code);
    assert.deepEqual(states.at(-1), { state: "closed", code, message: "Words for people." });
    clock.pass(600_000);
    assert.equal(sockets.length, 1);
  });
}

for (const code of [1000, 1006, 4400, 4408, 4429, 4012]) {
  test(`after ${code} it reconnects`, () => {
    connected();
    socket().opens().says({ type: "welcome" }).ends(code);
    clock.pass(11_000);
    assert.equal(sockets.length, 2);
  });
}

test("after bye it waits as long as the server asked", () => {
  connected();
  socket().opens().says({ type: "welcome" }, { type: "bye", reason: "restart", retry_after_ms: 3_000 }).ends(4012);
  clock.pass(2_900);
  assert.equal(sockets.length, 1);
  clock.pass(700);
  assert.equal(sockets.length, 2);
});

test("without a network it is offline, and it reconnects at once when the network is back", () => {
  const connection = connected();
  socket().opens().says({ type: "welcome" });
  online = false;
  socket().ends(1006);
  assert.equal(state(), "offline");
  clock.pass(60_000);
  socket().ends(1006);
  const tries = sockets.length;
  online = true;
  connection.probe();
  assert.equal(sockets.length, tries + 1);
});

test("after the computer slept it reconnects at once", () => {
  connected();
  socket().opens().says({ type: "welcome" });
  clock.sleep(90_000);
  clock.pass(5_000);
  assert.equal(sockets.length, 2);
});

test("after a network change the connection is closed if no answer arrives within 3 s", () => {
  const connection = connected();
  socket().opens().says({ type: "welcome" });
  connection.probe();
  assert.deepEqual(socket().sent.at(-1), { type: "ping" });
  clock.pass(3_000);
  assert.equal(state(), "waiting");
});

test("events of a replaced socket are ignored", () => {
  const connection = connected();
  const first = socket().opens().says({ type: "welcome" });
  connection.reconnect();
  assert.equal(first.onmessage, null);
  assert.equal(first.readyState, 3);
});

test("a stopped connection does nothing, and starts again", () => {
  const connection = connected();
  socket().opens().says({ type: "welcome" });
  connection.stop();
  clock.pass(600_000);
  assert.equal(sockets.length, 1);
  connection.start();
  assert.equal(sockets.length, 2);
});

test("a hello that the server cannot serve now is sent again", () => {
  connected();
  socket().opens().says({ type: "error", code: "unavailable", message: "Busy.", retry: true, retry_after_ms: 1_000 });
  assert.equal(state(), "waiting");
  clock.pass(1_500);
  assert.equal(sockets.length, 2);
});
