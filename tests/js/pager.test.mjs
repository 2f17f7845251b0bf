import assert from "node:assert/strict";
import test from "node:test";

import { Pager } from "../../chat/static/chat/js/pager.js";

// A pager whose server answers with these statuses in order. `waits` lists the pauses between the requests.
function pagerWith(...statuses) {
  const element = Object.assign(new EventTarget(), { setAttribute() {}, removeAttribute() {} });
  const edge = Object.assign(new EventTarget(), { classList: { toggle() {} }, dataset: { beginning: "The beginning" } });
  const joined = [];
  const timeline = {
    first: 101,
    earlier: true,
    begin() {},
    end() {},
    trim: () => [],
    join(messages, { earlier }) {
      joined.push(...messages);
      this.earlier = earlier;
      return [];
    },
  };
  const scroller = { element, fromStart: 9_999, fromEnd: 9_999, keep: (act) => act() };
  const waits = [];
  const fetch = async () => {
    const status = statuses.shift();
    const headers = new Headers({ "Retry-After": "2" });
    return { ok: status === 200, status, headers, json: async () => ({ messages: [{ seq: 100 }], more: false }) };
  };
  globalThis.document ??= { createElement: () => ({}) };
  edge.replaceChildren = () => {
    edge.textContent = "failed";
  };
  const wait = async (milliseconds) => waits.push(milliseconds);
  const pager = new Pager({ url: "/x/", timeline, messageList: { remove() {} }, scroller, edge, fetch, wait });
  return { pager, joined, waits, edge, statuses };
}

test("a rate-limited request is repeated after the time that the server asks for", async () => {
  const { pager, joined, waits, edge } = pagerWith(429, 503, 200);
  await pager.earlier();
  assert.deepEqual(joined, [{ seq: 100 }]);
  assert.equal(waits.length, 2);
  for (const wait of waits) assert.ok(wait >= 2_000 && wait <= 3_000, `${wait}`);
  assert.equal(edge.textContent, "The beginning");
});

test("a request is not repeated for ever", async () => {
  const { pager, waits, edge, statuses } = pagerWith(429, 429, 429, 429, 429);
  await pager.earlier();
  assert.equal(waits.length, 3);
  assert.equal(statuses.length, 1);
  assert.equal(edge.textContent, "failed");
});

test("other errors are shown at once", async () => {
  const { pager, waits, edge } = pagerWith(404);
  await pager.earlier();
  assert.deepEqual(waits, []);
  assert.equal(edge.textContent, "failed");
});
