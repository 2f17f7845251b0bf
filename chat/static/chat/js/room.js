// The room page. It starts with the messages and the cursor that the server rendered.

import { Composer } from './composer.js';
import { MessageList } from './message_list.js';
import { MessageMenu } from './message_menu.js';
import { PresenceNotice } from './notices.js';
import { Outbox } from './outbox.js';
import { Outgoing } from './outgoing.js';
import { Pager } from './pager.js';
import { Pending } from './pending.js';
import { foldPeople, showPeople } from './people.js';
import { People, Typing } from './presence.js';
import { Reading } from './reading.js';
import { Scroller } from './scroll.js';
import { Sender } from './sender.js';
import { connect } from './socket.js';
import { Status } from './status.js';
import { storage, storedValue } from './storage.js';
import { Timeline } from './timeline.js';

const UNREADABLE = new Set(["malformed", "too_big"]); // errors without an id: the server could not read the frame
const BEHIND_FOR = 5_000; // milliseconds; reconnect if changes that a pong announced do not arrive in this time

const page = document.querySelector("[data-room]");
const part = (name) => document.querySelector(`[data-${name}]`);
const template = (name) => document.querySelector(`[data-template="${name}"]`);
const { roomId, epoch, head } = page.dataset;
const states = JSON.parse(part("states").textContent); // the messages on the page, without their HTML
const mentionable = new Map([["all", "all"]]); // display name → id
let slug = page.dataset.room; // changes when the room is made private
const me = {
  id: Number(page.dataset.me),
  name: page.dataset.myName,
  guest: page.dataset.myGuest === "true",
  moderates: page.dataset.moderates === "true",
};
let address = `/rooms/${encodeURIComponent(slug)}/`;

const scroller = new Scroller(part("scroller"));
const messageList = new MessageList({
  list: part("messages"),
  empty: part("empty"),
  templates: { message: template("message"), day: template("day"), fate: template("fate") },
  me,
});
const pending = new Pending({ messageList, me, mentionable });
const timeline = new Timeline({
  head: Number(head),
  epoch,
  messages: states,
  earlier: page.dataset.earlier === "true",
  later: page.dataset.later === "true",
});
const pager = new Pager({ url: `${address}messages/`, timeline, messageList, scroller, edge: part("edge") });
const outbox = new Outbox({
  storage,
  prefix: `commands:${me.id}:${roomId}:`,
  former: `outbox:${me.id}:${slug}:`, // earlier versions used the slug, which may belong to another room later
});
const sender = new Sender({
  outbox,
  send: (command) => connection.send(command),
  onChange: () => outgoing.show(),
  onTimeout: () => connection.state === "open" && connection.reconnect(),
});
const composer = new Composer({
  form: part("composer"),
  closed: part("closed"),
  hint: part("hint"),
  draft: storedValue(`draft:${me.id}:${roomId}`),
  mentionable,
  onSend: sendMessage,
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
const typing = new Typing();
const status = new Status({
  line: part("state"),
  composer,
  address,
  outbox,
  sender,
  typing,
  onReconnect: () => connection.reconnect(),
});
const outgoing = new Outgoing({
  outbox,
  sender,
  pending,
  composer,
  scroller,
  messageList,
  onShown: () => status.show(),
  onEdit: (seq, text) => menu.edit(seq, text),
});
const menu = new MessageMenu({
  scroller,
  messageList,
  timeline,
  pager,
  composer,
  outgoing,
  mentionable,
  me,
  template,
  admin: page.dataset.admin,
  url: (seq) => new URL(`${address}${seq}/`, location).href,
  onUnread: (seq) => connection.send({ type: "unread", seq }),
});
let presenceNotice = null; // the latest notice about joins and leaves, while no message follows it

const connection = connect(`/ws${address}`, {
  hello: () => timeline.hello(),
  onEvents: receive,
  onState: (state, detail) => {
    page.dataset.live = state;
    status.setState(state, detail);
  },
});
connection.start();

// ── server events ──────────────────────────────────────────────────────────────────────────────────

const handlers = {
  welcome(event) {
    timeline.welcome(event.epoch);
    if (timeline.cursor === null) restart();
    me.name = event.user.name;
    people.sync(event.people);
    showPeople(people, me);
    messageList.rename(event.people);
    if (event.room) showRoom(event.room);
    sender.connected();
    pager.retry();
  },
  reset: () => restart(),
  synced: ({ head }) => timeline.synced(head),
  message(event) {
    typing.stopped(event.author.id);
    if (outbox.entries.has(event.client_id)) sender.acknowledged(event.client_id); // the ack was lost
    const change = timeline.apply(event);
    if (change === "insert") {
      messageList.insert(event, timeline.after(event.seq));
      presenceNotice = null;
    } else if (change === "update") messageList.update(event);
    else stored(event.client_id, event.seq);
    reading.received(event);
  },
  ack({ id, seq, rev }) {
    sender.acknowledged(id);
    const messageFollows = rev > timeline.cursor && !timeline.later;
    if (timeline.messages.has(seq)) pending.changed(id, rev);
    else if (!messageFollows) stored(id, seq);
  },
  error(event) {
    if (event.id) sender.refused(event);
    else if (UNREADABLE.has(event.code)) sender.unreadable(event);
  },
  joined({ user }) {
    if (people.add(user)) announce("joined", user);
  },
  left({ user }) {
    typing.stopped(user.id);
    if (people.remove(user)) announce("left", user);
  },
  renamed({ user }) {
    if (user.id === me.id) me.name = user.name;
    people.add(user);
    showPeople(people, me);
    messageList.rename([user]);
  },
  typing({ user }) {
    if (user.id !== me.id) typing.started(user);
  },
  room(event) {
    if (event.slug === slug || event.former === slug) showRoom(event);
  },
  pong({ head }) {
    if (timeline.isBehind(head)) setTimeout(() => timeline.isBehind(head) && connection.reconnect(), BEHIND_FOR);
  },
};

function receive(events) {
  scroller.keep(() => {
    for (const event of events) handlers[event.type]?.(event);
  });
  pager.trim();
  reading.update();
  status.received();
}

// Discard the messages; the server sends the latest page. If the user has scrolled up, load the messages around their
// position instead.
function restart() {
  const place = scroller.atEnd ? null : scroller.seqInView;
  timeline.restart({ keep: place !== null });
  presenceNotice = null;
  if (place !== null) pager.around(place);
  else {
    messageList.clear();
    outgoing.forgetStored();
  }
}

// The server stored a command. Remove its row, unless it is a post that comes after the messages on the page.
function stored(id, seq) {
  if (timeline.later && seq > (timeline.last ?? 0)) pending.acknowledged(id);
  else pending.settled(id);
}

function announce(kind, user) {
  presenceNotice ??= { people: new PresenceNotice(), line: null };
  presenceNotice.line = messageList.notice(presenceNotice.people.add(kind, user), presenceNotice.line);
  showPeople(people, me);
}

function showRoom({ slug: current, name, topic, kind }) {
  if (current !== slug) moveTo(current);
  part("room-name").textContent = name;
  part("room-topic").textContent = topic;
  document.querySelector(".room-head .lock").toggleAttribute("hidden", kind !== "private");
  part("scroller").ariaLabel = `Messages in ${name}`;
  composer.setLabel(`Message ${name}`);
  pager.rename(`This is the beginning of ${name}.`);
  reading.rename(`${name} · Obrolan`);
}

// The room has a new slug. Another room may take the old one, so update every URL.
function moveTo(current) {
  const before = address;
  slug = current;
  address = `/rooms/${encodeURIComponent(slug)}/`;
  connection.url = new URL(`/ws${address}`, connection.url).href;
  pager.url = `${address}messages/`;
  status.address = address;
  page.dataset.room = slug;
  const moved = (path) => path.replace(before, address);
  history.replaceState(history.state, "", moved(location.pathname) + location.search);
  part("composer").action = address;
  for (const root of [document, template("message").content]) {
    for (const link of root.querySelectorAll(".when[href], .room-head a[href]")) {
      link.setAttribute("href", moved(link.getAttribute("href")));
    }
  }
}

// ── user actions ───────────────────────────────────────────────────────────────────────────────────

function sendMessage(text) {
  showLatest();
  outgoing.post(text);
}

function toLatest() {
  showLatest();
  scroller.toEnd();
  composer.focusUnlessTouch();
}

// Leave the permalink, and load the latest messages if the page does not show them.
function showLatest() {
  if (location.pathname !== address) history.replaceState(history.state, "", address);
  if (timeline.later) pager.latest().then(() => timeline.later || outgoing.forgetStored());
}

foldPeople(part("people-button"));
outgoing.show();
pager.loadIfNear();

const target = document.querySelector(".message.target");
if (target) target.scrollIntoView({ block: "center" });
else composer.focusUnlessTouch();
