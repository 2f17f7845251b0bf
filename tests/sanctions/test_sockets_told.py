"""Events about sanctions and held messages for a socket, without a server."""

import uuid

from chat import frames
from chat.live.access.held_messages import HeldMessages
from chat.live.sockets.outgoing import Outgoing
from chat.models import HeldMessage, Room


class Socket(Outgoing):
    def __init__(self):
        self.sent = []

    def send_events(self, *events):
        self.sent += events


def test_nothing_is_announced_before_the_welcome():
    """Otherwise the welcome, which was read earlier, would announce the end of the sanction."""
    socket = Socket()
    mute = frames.Sanction(kind="mute", message="You are muted.", id=1)
    socket.update_sanctions({1: mute}, 6)
    assert socket.sent == [] and socket.decisions == Room.UNKNOWN_DECISIONS


def test_a_closed_socket_leaves_no_trace_and_the_others_stay():
    held, one, other = HeldMessages(), Socket(), Socket()
    rows = [HeldMessage(pk=number, client_id=uuid.uuid4(), text="spam") for number in (1, 2)]
    held.tell(one, rows)
    held.tell(other, rows[:1])
    held.forget(one)
    assert dict(held._waiting) == {1: {other}}
    held.forget(other)
    assert not held._waiting and not held._by_socket
