// The lobby: its socket keeps the list of rooms up to date.

import { showMe } from './avatars.js';
import { showInList, watch } from './room_list.js';
import { connect } from './socket.js';

const SHOW_STATE_AFTER = 1_500; // milliseconds; a reconnection of less time is not mentioned

const state = document.querySelector("[data-lobby-state]");
const handlers = {
  welcome({ user }) {
    showMe(user);
    connection.send(watch());
  },
  person: ({ user }) => showMe(user),
  room: showInList,
};
const connection = connect("/ws/lobby/", {
  hello: () => ({ since: null, epoch: null }),
  onEvents: (events) => events.forEach((event) => handlers[event.type]?.(event)),
  onState: () => setTimeout(showState, SHOW_STATE_AFTER),
});
connection.start();

function showState() {
  const lost = connection.state !== "open" && connection.state !== "idle";
  state.hidden = !lost;
  state.textContent = navigator.onLine
    ? "The connection was lost. Reconnecting. This list may be out of date."
    : "You are offline. This list may be out of date.";
}
