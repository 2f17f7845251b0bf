// Applies the server's events to the page of a room.

import { ignoring } from './ignoring.js';
import { PresenceNotice } from './notices.js';
import { showPeople } from './people.js';
import { part, place, showRoom } from './room_details.js';
import { adopt } from './timeline.js';

const UNREADABLE = new Set(["malformed", "too_big"]); // errors without an id: the server could not read the frame
const MODES = ["slow_mode", "calm_until", "locked", "archived", "posters", "blocked"];
const BEHIND_FOR = 5_000; // milliseconds; reconnect if changes that a pong announced do not arrive in this time

// Returns a function that takes the events of a frame. `parts` are those of room.js. `showReply` shows the message that
// the composer answers.
export function receiver(parts, showReply) {
  const { me, people, mentionable, typing, timeline, messageList, scroller, pager, reading } = parts;
  const { outbox, sender, outgoing, pending, composer, reactions, connection, status } = parts;
  let list = null; // room_list.js
  let standing = null; // standing.js, while there is something for it
  let presenceNotice = null; // the latest notice about joins and leaves, while no message follows it

  const handlers = {
    welcome(event) {
      timeline.welcome(event.epoch);
      if (timeline.cursor === null) restart();
      adopt(me, event.user);
      showCrowd(event);
      rename(event.people);
      if (event.room) show(event.room);
      applyStanding(event, event.room);
      list ??= import('./room_list.js').catch(() => (list = null)); // offline: the next `welcome` loads it
      list.then((loaded) => loaded && connection.send(loaded.watch()));
      sender.connected();
      pager.retry();
    },
    reset: () => restart(),
    synced: ({ head }) => timeline.synced(head),
    message(event) {
      typing.stopped(event.author.id);
      mentionable.learn(event);
      if (outbox.entries.has(event.client_id)) sender.acknowledged(event.client_id); // the ack was lost
      const change = timeline.apply(event);
      if (change === "insert") {
        const row = messageList.insert(event, timeline.after(event.seq));
        presenceNotice = null;
        if (!timeline.catchingUp) announceMessage(event, row);
      } else if (change === "update") messageList.update(event);
      else stored(event.client_id, event.seq);
      requote(event);
      if (event.pinned || part("pins").dataset.pins.includes(event.seq)) followPins(event);
      reading.received(event);
    },
    ack({ id, seq, rev }) {
      reactions.acknowledged(id, rev);
      sender.acknowledged(id);
      const messageFollows = rev > timeline.cursor && !timeline.later;
      if (timeline.messages.has(seq)) pending.changed(id, rev);
      else if (!messageFollows) stored(id, seq);
    },
    sanction: (event) => applyStanding(event),
    held: (event) => applyStanding(event),
    error(event) {
      if (event.id) sender.refused(event);
      else if (UNREADABLE.has(event.code)) sender.unreadable(event);
    },
    joined({ user }) {
      mentionable.know(user);
      if (people.add(user)) announcePresence("joined", user);
    },
    left({ user }) {
      typing.stopped(user.id);
      if (people.remove(user)) announcePresence("left", user);
    },
    crowd: showCrowd,
    renamed: (event) => handlers.person(event),
    person({ user }) {
      if (user.id === me.id) adopt(me, user);
      if (people.known.has(user.id)) {
        people.add(user);
        showPeople(people, me);
      }
      mentionable.know(user);
      rename([user]);
    },
    typing({ user }) {
      if (user.id !== me.id && !ignoring.has(user.id)) typing.started(user);
    },
    room(event) {
      list?.then((loaded) => loaded?.showInList(event));
      if (event.gone) return;
      if (event.unread === undefined) {
        show(event);
        applyStanding(event, event);
      } else if (event.slug === place.slug) {
        if (event.kind === "direct") showRoom(event, parts);
        follow(event);
      }
    },
    pong({ head }) {
      if (timeline.isBehind(head)) setTimeout(() => timeline.isBehind(head) && connection.reconnect(), BEHIND_FOR);
    },
  };

  // The list of people and their number, or this alone.
  function showCrowd({ people: list, present }) {
    if (list) {
      people.sync(list, me, present);
      list.forEach((user) => mentionable.know(user));
    } else people.count(present);
    showPeople(people, me);
  }

  // Own sanctions, own messages that wait for approval, and modes of the room. Rooms without modes do not load the code.
  function applyStanding(event, room) {
    if (!standing && room && !MODES.some((mode) => room[mode])) return;
    standing ??= import('./standing.js').then(
      ({ Standing }) => new Standing(parts),
      () => (standing = null), // offline: the next `welcome` repeats it
    );
    standing.then((loaded) => loaded?.receive(event));
  }

  // Discard the messages; the server sends the latest page. If the user has scrolled up, load the messages around their
  // position instead.
  function restart() {
    const seq = scroller.atEnd ? null : scroller.seqInView;
    timeline.restart({ keep: seq !== null });
    presenceNotice = null;
    followPins();
    if (composer.quote) showReply(composer.quote, { isOld: true });
    if (seq !== null) pager.around(seq);
    else {
      messageList.clear();
      outgoing.forgetStored();
    }
  }

  // The header counts pinned messages. Without an event they are loaded again.
  function followPins(event) {
    import('./pins.js').then(
      (pins) => pins.follow(event),
      () => {}, // offline
    );
  }

  // The user may read this room or mark messages as unread elsewhere.
  function follow(room) {
    import('./read_elsewhere.js').then(
      (module) => module.follow(room, reading),
      () => {}, // offline: the next event has the current counts
    );
  }

  function show(room) {
    if (room.slug !== place.slug) {
      import('./room_move.js').then(
        ({ moveTo }) => moveTo(room.slug, parts),
        () => {}, // offline: the next `welcome` has the new address too
      );
    }
    showRoom(room, parts);
  }

  // Quotes of this message follow its change, wherever it is in the room.
  function requote(message) {
    const quote = timeline.requote(message);
    if (!quote) return;
    messageList.requote(quote);
    composer.requote(quote);
  }

  function rename(renamed) {
    messageList.rename(renamed);
    timeline.rename(renamed).forEach(requote);
    const user = renamed.find(({ id }) => id === composer.quote?.author.id);
    if (user) composer.requote({ ...composer.quote, author: user });
  }

  // The server stored a command. Remove its row, unless it is a post that comes after the messages on the page.
  function stored(id, seq) {
    if (timeline.later && seq > (timeline.last ?? 0)) pending.acknowledged(id);
    else pending.settled(id);
  }

  function announceMessage({ author, deleted }, row) {
    if (author.id === me.id || deleted || ignoring.has(author.id)) return;
    const text = row.querySelector(".words").textContent;
    import('./announcer.js').then(
      ({ announce }) => announce(author.name, text),
      () => {}, // offline
    );
  }

  function announcePresence(kind, user) {
    if (part("messages").dataset.joins !== "false") {
      presenceNotice ??= { people: new PresenceNotice(), line: null };
      presenceNotice.line = messageList.notice(presenceNotice.people.add(kind, user), presenceNotice.line);
    }
    showPeople(people, me);
  }

  if (part("standing")) applyStanding({});
  return function receive(events) {
    // The counts of rooms are no reason to look at the messages.
    if (events.every(({ unread }) => unread !== undefined)) return events.forEach(handlers.room);
    scroller.keep(() => {
      for (const event of events) handlers[event.type]?.(event);
      reading.place();
    });
    pager.trim();
    reading.update();
    status.received();
  };
}
