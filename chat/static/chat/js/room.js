// A room's page: takes over from what the server rendered, and from its cursor.

import { Composer } from './composer.js';
import { newId } from './ids.js';
import { kept, storage } from './memory.js';
import { Comings } from './notices.js';
import { Outbox } from './outbox.js';
import { Pager } from './pager.js';
import { foldPeople, showPeople } from './people.js';
import { People, Writing } from './presence.js';
import { Reading } from './reading.js';
import { read } from './row.js';
import { Scroller } from './scroll.js';
import { Sender } from './sender.js';
import { connect } from './socket.js';
import { Status } from './status.js';
import { Talk } from './talk.js';
import { Timeline } from './timeline.js';

const BEHIND = 5_000; // milliseconds: a pong told of changes that did not come in this time

const page = document.querySelector("[data-room]");
const part = (name) => document.querySelector(`[data-${name}]`);
const template = (name) => document.querySelector(`[data-template="${name}"]`);
const { room: slug, epoch, head } = page.dataset;
const me = { id: Number(page.dataset.me), name: page.dataset.myName, guest: page.dataset.myGuest === "true" };
const address = `/rooms/${encodeURIComponent(slug)}/`;

const scroller = new Scroller(part("scroller"));
const talk = new Talk({
  list: part("messages"),
  empty: part("empty"),
  templates: { message: template("message"), day: template("day"), fate: template("fate") },
  scroller,
  me,
});
const timeline = new Timeline({
  head: Number(head),
  epoch,
  messages: [...talk.rows.values()].map(read),
  earlier: page.dataset.earlier === "true",
  later: page.dataset.later === "true",
});
const pager = new Pager({ url: `${address}messages/`, timeline, talk, scroller, edge: part("edge") });
const outbox = new Outbox({ storage, prefix: `outbox:${me.id}:${slug}:` });
const sender = new Sender({
  outbox,
  send: (command) => connection.send(command),
  onChange: showOutbox,
  onSilence: () => connection.again(),
});
const composer = new Composer({
  form: part("composer"),
  closed: part("closed"),
  keys: part("keys"),
  draft: kept(`draft:${me.id}:${slug}`),
  onSend: say,
  onTyping: () => connection.send({ type: "typing" }),
});
const reading = new Reading({
  scroller,
  button: part("newer"),
  timeline,
  onRead: (seq) => connection.send({ type: "read", seq }),
  onLatest: toLatest,
});
const people = new People();
const writing = new Writing();
const status = new Status({ line: part("state"), composer, address, outbox, sender, writing });
let comings = null; // the line of who came and went, while it is the last one

const connection = connect(`/ws${address}`, {
  hello: () => timeline.hello(),
  onEvents: receive,
  onState: (state, detail) => {
    page.dataset.live = state;
    status.become(state, detail);
  },
});
connection.start();

// ── what comes ───────────────────────────────────────────────────────────────────────────────────

const handlers = {
  welcome(event) {
    timeline.welcome(event.epoch);
    if (timeline.cursor === null) restart();
    people.sync(event.people);
    showPeople(people, me);
    if (event.room) showRoom(event.room);
    sender.connected();
    pager.again();
  },
  reset: () => restart(),
  synced: ({ head }) => timeline.synced(head),
  message(event) {
    writing.stopped(event.author.id);
    if (outbox.entries.has(event.client_id)) sender.acknowledged(event.client_id); // it is stored: here it is
    const change = timeline.apply(event);
    if (change === "insert") {
      talk.insert(event, timeline.after(event.seq));
      comings = null;
    } else if (change === "update") talk.update(event);
    else talk.settled(event.client_id);
    reading.came(event);
  },
  ack(event) {
    sender.acknowledged(event.id);
    if (event.rev <= timeline.cursor) talk.settled(event.id); // its message came before, perhaps with the page
  },
  error(event) {
    if (event.id) sender.refused(event);
  },
  joined({ user }) {
    if (people.add(user)) announce("joined", user);
  },
  left({ user }) {
    writing.stopped(user.id);
    if (people.remove(user)) announce("left", user);
  },
  typing({ user }) {
    if (user.id !== me.id) writing.saw(user);
  },
  room(event) {
    if (event.slug === slug) showRoom(event);
  },
  pong({ head }) {
    if (timeline.isBehind(head)) setTimeout(() => timeline.isBehind(head) && connection.again(), BEHIND);
  },
};

function receive(events) {
  scroller.keep(() => {
    for (const event of events) handlers[event.type]?.(event);
  });
  pager.trim();
  reading.look();
  status.show();
}

// The latest page follows by the socket. A reader who has scrolled up keeps the place, with messages as they are now.
function restart() {
  const place = scroller.atEnd ? null : scroller.seqInView;
  timeline.restart({ keep: place !== null });
  comings = null;
  if (place === null) talk.clear();
  else pager.around(place);
}

function announce(kind, user) {
  comings ??= { people: new Comings(), line: null };
  comings.line = talk.notice(comings.people.add(kind, user), comings.line);
  showPeople(people, me);
}

function showRoom({ name, topic }) {
  part("room-name").textContent = name;
  part("room-topic").textContent = topic;
  reading.rename(`${name} · Obrolan`);
}

// ── what goes ────────────────────────────────────────────────────────────────────────────────────

async function say(text) {
  const entry = outbox.add({ id: newId(), text });
  if (timeline.later) await pager.latest();
  talk.showPending(entry);
  scroller.toEnd();
  sender.flush();
  status.show();
}

function toLatest() {
  if (timeline.later) pager.latest();
  else scroller.toEnd();
  composer.attend();
}

function showOutbox() {
  const entries = outbox.all();
  const known = new Set(entries.map((entry) => entry.id));
  scroller.keep(() => {
    for (const entry of entries) talk.showPending(entry);
    for (const [id, row] of talk.pending) {
      if (!known.has(id) && row.querySelector(".fate")) talk.settled(id); // taken back in another tab
    }
  });
  status.show();
}

part("messages").addEventListener("click", (event) => {
  const act = event.target.closest("[data-do]")?.dataset.do;
  const id = event.target.closest("[data-client]")?.dataset.client;
  if (!act || !id) return;
  if (act === "edit") {
    composer.give(outbox.entries.get(id).text);
    outbox.remove(id);
    talk.settled(id);
  } else {
    talk.showPending(outbox.again(id));
    sender.flush();
  }
  status.show();
});

// Another tab wrote something, or its message arrived.
addEventListener("storage", (event) => {
  if (outbox.changed(event.key, event.newValue)) showOutbox();
});

foldPeople(part("people-button"));
showOutbox();
pager.look();

const target = document.querySelector(".message.target");
if (target) target.scrollIntoView({ block: "center" });
else composer.attend();
