"""No socket is ever left in a feed that nobody feeds: it would stay open, and hear nothing."""

from chat import frames
from chat.live import database
from chat.live.feeds.feed import Feed
from chat.live.feeds.feeds import KEEP_FEED
from chat.live.process import Process
from chat.live.sockets.room import RoomSocket
from chat.models import Room


async def test_a_feed_that_is_opened_while_the_heads_are_read_stays(monkeypatch):
    process, old, new = Process(), Feed(Room(pk=1, head=0)), Feed(Room(pk=2, head=0))
    process.feeds.by_room[1] = old

    async def read(executor, work, rooms):
        process.feeds.by_room[2] = new  # somebody says hello meanwhile
        return {1: Room(pk=1, head=0, epoch=old.epoch)}

    monkeypatch.setattr(database, "run", read)
    await process.feeds.refresh_all()
    assert process.feeds.by_room == {1: old, 2: new}


async def test_who_enters_a_dropped_feed_is_sent_back_to_say_hello_again(monkeypatch):
    process, feed, closes = Process(), Feed(Room(pk=1, head=0)), []
    monkeypatch.setattr(RoomSocket, "end", lambda socket, code: closes.append(code))
    process.feeds.by_room[1] = feed
    process.feeds.drop(feed)
    assert feed.enter(RoomSocket(), 0, {})
    assert closes == [frames.CLOSE_RESTART]
    assert list(feed) == []


async def test_a_feed_that_somebody_is_about_to_enter_is_not_idle():
    process, feed = Process(), Feed(Room(pk=1, head=0))
    process.feeds.by_room[1] = feed
    feed.idle_since -= 2 * KEEP_FEED
    assert feed.is_idle(KEEP_FEED)
    await process.feed(Room(pk=1, head=0))
    assert not feed.is_idle(KEEP_FEED)
