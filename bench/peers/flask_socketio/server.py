"""A Flask-SocketIO room: joined by name and room, stored nowhere.

`server.py PORT MODE`, where MODE is Flask-SocketIO's own `async_mode`: threading or gevent.
"""

import sys

from flask import Flask, request
from flask_socketio import SocketIO, emit, join_room

PORT, MODE = int(sys.argv[1]), sys.argv[2]

app = Flask(__name__)
app.config["SECRET_KEY"] = "bench"
socketio = SocketIO(app, async_mode=MODE)
names: dict[str, tuple[str, str]] = {}  # socket → name, room


@app.get("/ready")
def ready() -> str:
    return "ready"


@socketio.on("join")
def join(data: dict) -> str:
    name, room = data["username"], data["room"]
    names[request.sid] = name, room
    join_room(room)
    emit("status", {"msg": f"{name} has entered the room."}, to=room)
    return "joined"


@socketio.on("text")
def text(data: dict) -> None:
    name, room = names[request.sid]
    emit("message", {"username": name, "message": data["message"]}, to=room)


@socketio.on("disconnect")
def leave(*_reason: str) -> None:
    name, room = names.pop(request.sid, (None, None))
    if room:
        emit("status", {"msg": f"{name} has left the room."}, to=room)


if __name__ == "__main__":
    unpatched = {"allow_unsafe_werkzeug": True} if MODE == "threading" else {}
    socketio.run(app, host="127.0.0.1", port=PORT, **unpatched)
