"""Hints: a process gets its own directly and once, and a commit of many rooms is one hint."""

import asyncio
import threading
import uuid

import pytest
from redis.asyncio.sentinel import MasterNotFoundError

from chat import events, frames
from chat.actions.messages import Draft, post
from chat.live.connection import Frame
from chat.live.layer import Layer
from chat.live.process import Process
from chat.live.sockets.outgoing import Outgoing
from chat.models import Room


@pytest.fixture
def published(monkeypatch):
    """The hints that actions publish."""
    hints = []
    monkeypatch.setattr(events, "_publishers", [lambda found, _: hints.extend(found)])
    return hints


@pytest.fixture
def rooms(transactional_db):
    return [Room.objects.create(slug=f"r{n}", name=f"R{n}") for n in range(3)]


def drafts(rooms, author):
    return [Draft(room.pk, author.pk, uuid.uuid4(), f"Hello {room.name}") for room in rooms]


def runs(hints):
    return [
        (room_id, first, len(changes)) for _, hint in hints for room_id, _, first, changes in hint["runs"]
    ]


async def test_a_process_gets_its_own_hints_at_once_and_not_again_from_the_channel_layer():
    got = []
    layer = Layer(got.append)
    receiving = [asyncio.ensure_future(work) for work in (layer.receive(), layer.send())]
    await layer.subscribe(events.PROCESSES)
    while layer._channel is None:
        await asyncio.sleep(0)
    layer.publish([(events.PROCESSES, {"type": "revoke", "user": 1})])
    assert got == [{"type": "revoke", "user": 1}]
    await layer.finish()
    await layer._layer.group_send(events.PROCESSES, {"type": "revoke", "user": 2, "process": "another"})
    while len(got) < 2:
        await asyncio.sleep(0)
    assert [hint["user"] for hint in got] == [1, 2]
    for task in receiving:
        task.cancel()


async def test_the_log_has_the_reason_why_the_layer_is_down_without_the_objects_of_redis_py(caplog):
    async def fail():
        raise MasterNotFoundError("No master found for 'chat' : <redis.asyncio.client.Redis(…)> - …")

    await Layer(print)._try(fail())
    assert "is down (No master found for 'chat'): messages" in caplog.text


async def test_hints_of_another_thread_arrive_on_the_event_loop_in_order():
    got = []
    layer = Layer(lambda hint: got.append((hint["user"], threading.get_ident())))

    def publish():
        for number in range(100):
            layer.publish([(events.PROCESSES, {"type": "revoke", "user": number})])

    await asyncio.to_thread(publish)
    while len(got) < 100:
        await asyncio.sleep(0)
    assert got == [(number, threading.get_ident()) for number in range(100)]


async def test_a_hint_that_cannot_be_handled_does_not_stop_the_next():
    got = []

    def handle(hint):
        got.append(1 / hint["user"])

    Layer(handle).publish([(events.PROCESSES, {"user": user}) for user in (0, 1)])
    assert got == [1]


def test_the_messages_of_one_room_are_a_hint_to_its_group(published, rooms, alice):
    post(drafts(rooms[:1] * 3, alice))
    assert [group for group, _ in published] == [events.room_group(rooms[0].pk)]
    assert runs(published) == [(rooms[0].pk, 1, 3)]


def test_the_messages_of_several_rooms_are_one_hint_to_all_processes(published, rooms, alice):
    post(drafts(rooms * 2, alice))
    assert [group for group, _ in published] == [events.PROCESSES]
    assert runs(published) == [(room.pk, 1, 2) for room in rooms]
    assert sorted(Room.objects.values_list("head", flat=True)) == [2, 2, 2]


def test_hints_have_a_size_limit_however_many_rooms_a_commit_has(published, rooms, alice, monkeypatch):
    monkeypatch.setattr(events, "HINT_CHARACTERS", 1_000)
    post(drafts(rooms * 20, alice))
    assert sum(count for _, _, count in runs(published)) == 60
    for _, hint in published:
        sizes = [sum(map(len, changes)) for *_, changes in hint["runs"]]
        assert len(hint["runs"]) == 1 or sum(sizes) <= 1_000


def test_collected_hints_are_published_when_a_later_part_of_the_work_fails(published, rooms, alice):
    with pytest.raises(ZeroDivisionError), events.collected() as hints:
        post(drafts(rooms[:1], alice))
        assert published == [] and len(hints) == 1
        raise ZeroDivisionError
    assert runs(published) == [(rooms[0].pk, 1, 1)]


async def test_an_acknowledgement_and_the_message_leave_in_one_write():
    writes = []

    class Connection:
        is_congested = False

        def send_frames(self, several):
            writes.append([frame.text for frame in several])

    socket = Outgoing()
    socket._events, socket.connection = [], Connection()
    socket.send_events(frames.Ack(id="a", seq=1, rev=1))
    socket.deliver(Frame("[1]"))
    await asyncio.sleep(0)
    assert writes == [['[{"type":"ack","id":"a","seq":1,"rev":1}]', "[1]"]]


async def test_a_process_passes_over_hints_of_an_older_version():
    Process().route_hint({"type": "changes", "room": 1, "epoch": "", "first": 1, "events": ["{}"]})


def test_a_process_of_an_older_version_passes_over_hints_of_this_one(published, rooms, alice):
    post(drafts(rooms[:1], alice))
    assert published[0][1]["room"] not in [room.pk for room in rooms] and published[0][1]["epoch"] == ""
