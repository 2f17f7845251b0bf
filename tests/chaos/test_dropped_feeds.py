"""A socket never stays in a feed that is no longer updated: it would be open and receive nothing."""

from chat import frames
from chat.live import database
from chat.live.feeds.feed import Feed
from chat.live.feeds.feeds import KEEP_FEED
from chat.live.process import Process
from chat.live.sockets.room import RoomSocket
from chat.models import Room


async def test_a_feed_that_opens_while_the_heartbeat_reads_the_heads_is_kept(monkeypatch):
    process, old, new = Process(), Feed(Room(pk=1, head=0)), Feed(Room(pk=2, head=0))
    process.feeds.by_room[1] = old

    async def read(executor, work, rooms):
        process.feeds.by_room[2] = new  # a hello arrives during the query
        return {1: Room(pk=1, head=0, epoch=old.epoch)}

    monkeypatch.setattr(database, "run", read)
    await process.feeds.refresh_all()
    assert process.feeds.by_room == {1: old, 2: new}


async def test_a_socket_that_enters_a_dropped_feed_is_closed_so_that_the_client_reconnects(monkeypatch):
    process, feed, closes = Process(), Feed(Room(pk=1, head=0)), []
    monkeypatch.setattr(RoomSocket, "end", lambda socket, code: closes.append(code))
    process.feeds.by_room[1] = feed
    process.feeds.drop(feed)
    assert feed.enter(RoomSocket(), 0, {})
    assert closes == [frames.CLOSE_RESTART]
    assert list(feed) == []


async def test_a_feed_that_a_socket_is_about_to_enter_is_not_idle():
    process, feed = Process(), Feed(Room(pk=1, head=0))
    process.feeds.by_room[1] = feed
    feed.idle_since -= 2 * KEEP_FEED
    assert feed.is_idle(KEEP_FEED)
    await process.feed(Room(pk=1, head=0))
    assert not feed.is_idle(KEEP_FEED)
