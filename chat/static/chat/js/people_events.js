// Events about people in the room: joins and leaves, new names and pictures, typing.

import { ignoring } from './ignoring.js';
import { PresenceNotice } from './notices.js';
import { showPeople } from './people.js';
import { part } from './room_details.js';
import { adopt } from './timeline.js';

// Returns the handlers by type. `parts` are those of room.js. `rename(users)` shows new names in messages.
export function peopleEvents({ me, people, mentionable, typing, timeline, messageList }, rename) {
  let notice = null; // the latest notice about joins and leaves

  // The list of people and their number, or the number alone.
  function crowd({ people: list, present }) {
    if (list) {
      people.sync(list, me, present);
      list.forEach((user) => mentionable.know(user));
    } else people.count(present);
    showPeople(people, me);
  }

  function joined({ user }) {
    mentionable.know(user);
    if (people.add(user)) announce("joined", user);
  }

  function left({ user }) {
    typing.stopped(user.id);
    if (people.remove(user)) announce("left", user);
  }

  function person({ user }) {
    if (user.id === me.id) adopt(me, user);
    if (people.known.has(user.id)) {
      people.add(user);
      showPeople(people, me);
    }
    mentionable.know(user);
    rename([user]);
  }

  function typed({ user }) {
    if (user.id !== me.id && !ignoring.has(user.id)) typing.started(user);
  }

  // The latest notice is extended while no message follows it.
  function announce(kind, user) {
    if (part("messages").dataset.joins !== "false") {
      const { last } = timeline;
      if (notice?.last !== last || !notice.line.isConnected) notice = { last, people: new PresenceNotice(), line: null };
      notice.line = messageList.notice(notice.people.add(kind, user), notice.line);
    }
    showPeople(people, me);
  }

  return { crowd, joined, left, person, renamed: person, typing: typed };
}
