// Creates a connection that reacts to the browser's online, visibility and page events. The caller starts it.

import { Connection } from './connection.js';

export function connect(path, handlers) {
  const url = new URL(path, location.href);
  url.protocol = location.protocol === "https:" ? "wss:" : "ws:";
  const connection = new Connection({ url: url.href, online: () => navigator.onLine, ...handlers });
  addEventListener("online", () => connection.probe());
  addEventListener("offline", () => connection.probe());
  document.addEventListener("visibilitychange", () => document.hidden || connection.probe());
  let stopped = false;
  addEventListener("pagehide", () => {
    stopped = connection.state !== "idle";
    connection.stop(); // an open WebSocket keeps a page out of the back/forward cache
  });
  addEventListener("pageshow", (event) => event.persisted && stopped && connection.start());
  return connection;
}
