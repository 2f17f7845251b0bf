"""Clients of the other servers."""

from __future__ import annotations

import json

import msgspec
from picows import WSTransport

from .client import Client, cached


class TextMessage(msgspec.Struct):
    message: str = ""


class Json(Client):
    """`{"message": text}` in both directions, as in the Channels tutorial. The path names the room."""

    decode = staticmethod(cached(msgspec.json.Decoder(TextMessage).decode))

    def path(self) -> str:
        return f"/ws/chat/{self.room}/"

    def on_ws_connected(self, transport: WSTransport) -> None:
        super().on_ws_connected(transport)
        self.on_ready(self)

    def post(self, marker: int, text: str) -> None:
        self.send(json.dumps({"message": text}).encode())

    def receive(self, payload: bytes) -> None:
        self.delivered(self.decode(payload).message)


class SocketIO(Client):
    """Socket.IO 5 over Engine.IO 4, directly on a WebSocket: `transports: ["websocket"]`."""

    decode = staticmethod(cached(msgspec.json.Decoder(tuple[str, TextMessage]).decode))

    def path(self) -> str:
        return "/socket.io/?EIO=4&transport=websocket"

    def post(self, marker: int, text: str) -> None:
        self.send(b"42" + json.dumps(["text", {"message": text}]).encode())

    def receive(self, payload: bytes) -> None:
        if payload.startswith(b"42"):
            event, data = self.decode(payload[2:])
            if event == "message":
                self.delivered(data.message)
        elif payload == b"2":  # ping
            self.send(b"3")
        elif payload.startswith(b"0"):  # open
            self.send(b"40")
        elif payload.startswith(b"40"):  # connected
            self.send(
                b"421" + json.dumps(["join", {"username": f"p{self.index}", "room": self.room}]).encode()
            )
        elif payload.startswith(b"431"):  # the acknowledgement of "join"
            self.on_ready(self)
