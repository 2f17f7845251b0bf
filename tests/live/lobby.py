"""The lobby feed without sockets: `watch` adds a client, and `refresh` is one update."""

import json
import uuid
from contextlib import suppress

from chat.actions.messages import Draft, post


class Client:
    def __init__(self):
        self.events, self.code, self.is_congested = [], None, False

    def deliver(self, frame):
        self.events += json.loads(frame.text)
        return True

    def end(self, code):
        self.code = code

    def received(self):
        events, self.events = self.events, []
        return events


def refresh(feed):
    """Run the coroutine without an event loop. With one, Django opens a second database connection."""
    coroutine = feed.update()
    with suppress(StopIteration):
        while True:
            coroutine.send(None)


def post_messages(room, author, count=1):
    return post([Draft(room.pk, author.pk, uuid.uuid4(), f"line {n}") for n in range(count)])[-1].seq


def watch(feed, user, *slugs, newest=None):
    client = Client()
    feed.watch(client, user.pk, slugs, newest, adds_joined=newest is not None, shown=newest)
    return client
