// A Socket.IO room with the Redis adapter, stored nowhere. `node server.js PORT`; REDIS_URL from the environment.
import { createServer } from "node:http";
import { createAdapter } from "@socket.io/redis-adapter";
import { createClient } from "redis";
import { Server } from "socket.io";

const publisher = createClient({ url: process.env.REDIS_URL });
const subscriber = publisher.duplicate();
await Promise.all([publisher.connect(), subscriber.connect()]);

const http = createServer((request, response) => response.end("ready"));
const io = new Server(http, { adapter: createAdapter(publisher, subscriber) });

io.on("connection", (socket) => {
  socket.on("join", async ({ username, room }, joined) => {
    socket.data = { username, room };
    await socket.join(room);
    joined("joined");
  });
  socket.on("text", ({ message }) => {
    io.to(socket.data.room).emit("message", { username: socket.data.username, message });
  });
});

http.listen(Number(process.argv[2]), "127.0.0.1");
