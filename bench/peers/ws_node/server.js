// A bare broadcast with `ws`: the path is the room, each frame goes to everybody in it. `node server.js PORT`.
import { createServer } from "node:http";
import { WebSocket, WebSocketServer } from "ws";

const http = createServer((request, response) => response.end("ready"));
const server = new WebSocketServer({ server: http });
const rooms = new Map();

server.on("connection", (socket, request) => {
  const room = rooms.get(request.url) ?? new Set();
  rooms.set(request.url, room.add(socket));
  socket.on("close", () => room.delete(socket));
  socket.on("message", (data) => {
    for (const member of room) {
      if (member.readyState === WebSocket.OPEN) member.send(data, { binary: false });
    }
  });
});

http.listen(Number(process.argv[2]), "127.0.0.1");
