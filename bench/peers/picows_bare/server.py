"""The floor in Python: each frame goes to everybody on the same path, and nothing else. `server.py PORT`."""

import asyncio
import sys
from collections import defaultdict

from picows import WSFrame, WSListener, WSMsgType, WSTransport, WSUpgradeRequest, ws_create_server

rooms: dict[bytes, set[WSTransport]] = defaultdict(set)


class Member(WSListener):
    def __init__(self, room: set[WSTransport]) -> None:
        self.room = room

    def on_ws_connected(self, transport: WSTransport) -> None:
        self.room.add(transport)

    def on_ws_disconnected(self, transport: WSTransport) -> None:
        self.room.discard(transport)

    def on_ws_frame(self, transport: WSTransport, frame: WSFrame) -> None:
        if frame.msg_type == WSMsgType.TEXT:
            text = frame.get_payload_as_bytes()
            for member in self.room:
                member.send(WSMsgType.TEXT, text)


def member(request: WSUpgradeRequest) -> Member:
    return Member(rooms[request.path])


async def serve() -> None:
    server = await ws_create_server(member, "127.0.0.1", int(sys.argv[1]))
    await server.serve_forever()


asyncio.run(serve())
