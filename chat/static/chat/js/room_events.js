// Applies the server's events to the page of a room.

import { messageEvents } from './message_events.js';
import { peopleEvents } from './people_events.js';
import { part, place, showRoom } from './room_details.js';
import { adopt } from './timeline.js';

const UNREADABLE = new Set(["malformed", "too_big"]); // errors without an id: the server could not read the frame
const MODES = ["slow_mode", "calm_until", "locked", "archived", "posters", "blocked"];
const BEHIND_FOR = 5_000; // milliseconds; reconnect if changes that a pong announced do not arrive in this time

// Returns a function that takes the events of a frame. `parts` are those of room.js. `showReply` shows the message that
// the composer answers.
export function receiver(parts, showReply) {
  const { me, timeline, scroller, pager, reading, sender, connection, status } = parts;
  let list = null; // room_list.js
  let standing = null; // standing.js, while there is something for it

  const { handlers: messages, restart, rename } = messageEvents(parts, showReply);
  const handlers = {
    ...messages,
    ...peopleEvents(parts, rename),
    welcome(event) {
      timeline.welcome(event.epoch);
      if (timeline.cursor === null) restart();
      adopt(me, event.user);
      handlers.crowd(event);
      rename(event.people);
      if (event.room) show(event.room);
      applyStanding(event, event.room);
      list ??= import('./room_list.js').catch(() => (list = null)); // offline: the next `welcome` loads it
      list.then((loaded) => loaded && connection.send(loaded.watch()));
      sender.connected();
      pager.retry();
    },
    synced: ({ head }) => timeline.synced(head),
    sanction: (event) => applyStanding(event),
    held: (event) => applyStanding(event),
    error(event) {
      if (event.id) sender.refused(event);
      else if (UNREADABLE.has(event.code)) sender.unreadable(event);
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

  // Own sanctions, own messages that wait for approval, and modes of the room. Rooms without modes do not load the code.
  function applyStanding(event, room) {
    if (!standing && room && !MODES.some((mode) => room[mode])) return;
    standing ??= import('./standing.js').then(
      ({ Standing }) => new Standing(parts),
      () => (standing = null), // offline: the next `welcome` repeats it
    );
    standing.then((loaded) => loaded?.receive(event));
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
