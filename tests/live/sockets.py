"""Open sockets without connections, and beats of a process without an event loop, in the test's thread."""

from __future__ import annotations

from contextlib import suppress
from uuid import uuid4

from django.contrib.auth import BACKEND_SESSION_KEY, HASH_SESSION_KEY, SESSION_KEY
from django.contrib.sessions.backends.db import SessionStore

from chat.limits import limits
from chat.live.access.held_messages import HeldMessages
from chat.live.access.identity import identify
from chat.live.access.open_sockets import OpenSockets
from chat.live.feeds.feeds import Feeds, open_feed
from chat.live.feeds.names import Names
from chat.live.feeds.presence import Presences
from chat.live.feeds.presence_sync import PresenceSync
from chat.live.heartbeat import Heartbeat
from chat.models import Room


def log_in(user) -> str:
    """A new session's key."""
    session = SessionStore()
    session[SESSION_KEY] = str(user.pk)
    session[BACKEND_SESSION_KEY] = "django.contrib.auth.backends.ModelBackend"
    session[HASH_SESSION_KEY] = user.get_session_auth_hash()
    session.save()
    return session.session_key


class Beats:
    """The heartbeat of a process. With an event loop, Django would open a second database connection."""

    def __init__(self):
        self.sockets, self.feeds, presence = OpenSockets(), Feeds(None), Presences()
        sync = PresenceSync(uuid4(), presence, self.feeds, None)
        self.heartbeat = Heartbeat(
            self.feeds, self.sockets, presence, sync, Names(), limits(), HeldMessages()
        )

    def open_feed(self, room):
        feed = self.feeds.by_room[room.pk] = open_feed(room.pk)
        feed.broadcast.announce = lambda *events: None

    def beat(self):
        coroutine = self.heartbeat.beat()
        with suppress(StopIteration):
            while True:
                coroutine.send(None)


class IdleSocket:
    """A socket that was welcomed. It records what it is told."""

    ip = "127.0.0.1"

    def __init__(self, process, user, room=None, session_key=None):
        self.process = process
        self.key = session_key or log_in(user)
        self.identity = identify({self.key})[self.key]
        self.is_welcomed = True
        self.refused = None
        self.sanctions = {}
        self.decisions = room.decisions if room else Room.UNKNOWN_DECISIONS
        process.sockets.add(self)
        process.sockets.admit(self, self.identity, room.pk if room else None)

    def update_sanctions(self, sanctions, decisions):
        if self.is_welcomed:
            self.sanctions, self.decisions = sanctions, decisions
        return self.is_welcomed

    def send_events(self, *events):
        pass

    def refuse(self, refusal):
        self.refused = refusal.code
        self.process.sockets.remove(self)


def settle(process, checked):
    """Beat until new sockets and earlier changes are checked."""
    for _ in range(2):
        process.beat()
    checked.clear()
