"""WebSockets: everything between a client's connection and the actions, in one web process.

A frame in, such as a message:

1. `server.websocket` reads it within the connection's input budget.
2. `sockets.consumer` checks its rate, size and shape. There is one consumer per connection.
3. `sockets.room` turns it into a command.
4. `writing.renderer` renders a long text in a thread. `writing.writer` commits the command together with all
   others that are waiting, and then acknowledges it.

An event out, such as that message:

1. `chat.events` publishes the change on commit. `layer` passes it on in this process at once, and to the
   others.
2. `process` routes it to the feed of its room. There is one feed per open room and process.
3. `feeds.feed` puts changes in order, and reads missing ones from the database.
4. `feeds.broadcast` sends them to every socket that is up to date. The others catch up: `sockets.catch_up`.
5. `connection` encodes the frame once, and `server.websocket` writes it.

The parts, from the top. Each imports only parts below it:

- `server/`: Daphne and Twisted: connections, flow control, the end of the process.
- `sockets/`: one consumer per client, in a room or in the lobby.
- `process`: the state that all sockets share. `heartbeat` compares it with the database once a second,
  `chores` does what concerns no socket at once, and `drain` closes it in good order.
- `feeds/`: the events for clients: the changes of each room, presence, the lobby.
- `access/`: sessions, permission to enter a room, connection caps.
- `writing/`: writes to the database: commands and read marks, in batches.
- `connection`, `layer`, `database`, `background`: a client's connection, the channel layer, threads for
  queries, background tasks.
"""
