"""The broadcast of a room: a client that reads too slowly learns everything when it enters again."""

import json

from chat import frames
from chat.live.feeds.broadcast import Broadcast
from chat.live.feeds.recent import Change

AYU, BUDI = frames.User(1, "Ayu", False), frames.User(2, "Budi", False)
LONG = "x" * (frames.SENT_CHARACTERS // 2 + 1)


class Phone:
    """A reader that is congested after its first frame."""

    def __init__(self):
        self.events, self.behind = [], None

    def deliver(self, frame):
        self.events += [event["type"] for event in json.loads(frame.text)]
        return False

    def send_events(self, *events):
        self.events += [event.__struct_config__.tag for event in events]

    def fall_behind(self, cursor, people):
        self.behind = cursor, people


def change(rev):
    return Change(rev, json.dumps({"type": "message", "rev": rev, "text": LONG}))


async def test_a_phone_that_is_too_slow_for_the_first_frame_learns_who_joined_in_the_second():
    room, phone = Broadcast(head=0), Phone()
    room.update_people({AYU.id: AYU})
    assert room.add(phone, 0, room.people)
    room._pausing = True  # everything below is one pass
    room.put([change(1), change(2)], 2)
    room.update_people({AYU.id: AYU, BUDI.id: BUDI})
    room._resume()
    cursor, people = phone.behind
    assert cursor == 1 and BUDI.id not in people
    assert room.add(phone, cursor, people)
    assert phone.events == ["synced", "message", "message", "joined", "synced"]


async def test_a_pass_that_fails_does_not_end_the_broadcasts_of_its_room(monkeypatch):
    room, phone = Broadcast(head=0), Phone()
    assert room.add(phone, 0, {})
    monkeypatch.setattr(room, "_pass", lambda: 1 / 0)
    try:
        room.put([change(1)], 1)
    except ZeroDivisionError:
        monkeypatch.undo()
    room._resume()  # the timer after the pass
    assert phone.events == ["synced", "message"]
