"""Frames arrive in pieces, whole, or several at once: TCP decides that."""

import json
import uuid

from websockets.frames import Frame, Opcode

from tests.wire import guest

TEXTS = [f"{number} " + "tea " * number for number in range(40)]  # shorter and longer than 125 bytes


def encoded(command, **fields):
    text = json.dumps({"type": command, **fields})
    return Frame(Opcode.TEXT, text.encode()).serialize(mask=True)


async def test_commands_run_in_their_order_however_their_frames_are_cut(site):
    server = site.start(OBROLAN_POST_BURST="1000", OBROLAN_POST_RATE="1000")
    ayu, budi = await guest(server, "Ayu", "kitchen"), await guest(server, "Budi", "kitchen")
    posts = [encoded("post", id=str(uuid.uuid4()), text=text) for text in TEXTS]
    hello = encoded("hello", since=None, epoch=None)
    pieces = [
        hello + b"".join(posts[:10]),  # the posts wait until hello is answered
        *posts[10:20],
        posts[20] + posts[21][:1],
        posts[21][1:] + posts[22][:9],
        posts[22][9:],
        b"".join(posts[23:30]) + posts[30][:-1],
        posts[30][-1:] + posts[31],
        *posts[32:],
    ]
    async with ayu.open("kitchen") as socket, budi.open("kitchen") as other:
        await other.hello()
        for piece in pieces:
            socket.connection.transport.write(piece)
            await other.ping()  # the server has read the piece
        await socket.wait_for_head(len(TEXTS))
        shown = [socket.messages[seq]["text"] for seq in sorted(socket.messages)]
        assert shown == [text.strip() for text in TEXTS]
