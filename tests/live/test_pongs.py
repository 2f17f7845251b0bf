"""A client that asked for `pongs` sees without a `ping` that its connection works."""

import pytest

from chat.live.server.websocket import PING_EVERY

SLACK = 10  # seconds; other tests use the same processors


@pytest.mark.waits
async def test_pongs_arrive_by_themselves_with_the_head_of_the_room(ayu):
    async with ayu.open("kitchen") as room, ayu.open_lobby() as lobby, ayu.open("kitchen") as other:
        for socket, pongs in ((room, True), (lobby, True), (other, False)):
            await socket.send("hello", since=None, epoch=None, pongs=pongs)
            await socket.expect("welcome")
        ack = await room.post("Hello")
        await room.expect("pong", PING_EVERY + SLACK, head=ack["rev"])
        await lobby.expect("pong", PING_EVERY + SLACK, head=0)
        assert not other.heard("pong")
