"""Modes, deleted rooms and held messages on open sockets, within two seconds, with and without hints."""

import uuid
from datetime import timedelta
from functools import partial

import pytest
from django.utils import timezone

from chat.actions import held, modes, rules
from chat.actions.messages import Draft, post
from chat.models import HeldMessage, Membership, Message, Room, User
from tests.at_once import at_once
from tests.wire import WITHIN, Refused, signed_in

NO_ROOM = 4404


@pytest.fixture
def rut(site):
    return User.objects.create_superuser("rut")


@pytest.fixture
def owner(site, kitchen):
    owner = User.objects.create_user("olga", name="Olga")
    Membership.objects.create(room=kitchen, user=owner, role=Membership.OWNER)
    return owner


async def fresh(server, person):
    """The state of the room as a new socket is told it."""
    async with signed_in(server, person).open("kitchen") as socket:
        return (await socket.hello())["room"]


async def test_each_change_of_a_mode_is_announced_without_a_hint(server, alice, bob, owner, kitchen):
    """The test is another process. Like a cron job, it publishes nothing to the channel layer."""
    change = partial(modes.set_modes, kitchen)
    locked, owners = {"locked": True, "notice": "Dinner"}, {"posters": "accounts", "approve_first": 3}
    acts = [
        (lambda: change(by=bob, slow_mode=30), {"slow_mode": 30}),
        (lambda: change(by=bob, is_locked=True, reason="Dinner"), locked),
        (lambda: modes.reopen(kitchen, by=bob), {}),
        (lambda: change(by=owner, **owners), owners),
        (lambda: modes.calm_down(kitchen, by=bob, reason="Breathe"), {"notice": "Breathe"}),
        (lambda: modes.archive(kitchen, by=owner), {"archived": True}),
        (lambda: modes.unarchive(kitchen, by=owner), {"posters": "accounts"}),
    ]
    async with signed_in(server, alice).open("kitchen") as socket:
        await socket.hello()
        await socket.synced()
        for act, shown in acts:
            act()
            event = await socket.expect("room", WITHIN, **shown)
            assert event == {**await fresh(server, alice), "type": "room"}


async def test_a_calm_down_ends_by_itself(server, alice, bob, kitchen):
    async with signed_in(server, alice).open("kitchen") as socket:
        await socket.hello()
        modes.calm_down(kitchen, by=bob)
        with pytest.raises(Refused) as refused:
            await socket.post("too early")
        assert refused.value.code == "read_only"
        await socket.expect("room", WITHIN)
        Room.objects.filter(pk=kitchen.pk).update(calm_until=timezone.now() + timedelta(seconds=1))
        await socket.wait(lambda event: event["type"] == "room" and "calm_until" not in event, "its end")
        await socket.post("in time")


MODES = {
    "locked": lambda room, bob, owner: modes.set_modes(room, by=bob, is_locked=True),
    "calm": lambda room, bob, owner: modes.calm_down(room, by=bob),
    "members": lambda room, bob, owner: modes.set_modes(room, by=owner, posters="members"),
}


@pytest.mark.parametrize("mode", MODES)
async def test_only_people_who_may_write_are_seen_typing(server, alice, bob, charlie, owner, kitchen, mode):
    author = charlie if mode == "members" else alice
    async with (
        signed_in(server, author).open("kitchen") as silenced,
        signed_in(server, bob).open("kitchen") as moderator,
        signed_in(server, owner).open("kitchen") as bystander,
    ):
        for socket in (silenced, moderator, bystander):
            await socket.hello()
        MODES[mode](kitchen, bob, owner)
        await silenced.expect("room", WITHIN)
        await silenced.send("typing")
        with pytest.raises(Refused):
            await silenced.post("hello")
        await moderator.send("typing")
        await bystander.expect("typing", user={"id": bob.pk, "name": "Bob", "guest": False})
        assert not bystander.heard("typing", user={"id": author.pk, "name": author.name, "guest": False})


async def test_a_deleted_room_closes_its_sockets(server, alice, bob, rut, kitchen):
    async with (
        signed_in(server, alice).open("kitchen") as one,
        signed_in(server, bob).open("kitchen") as other,
    ):
        await one.hello()
        await other.hello()
        modes.delete(kitchen, by=rut)
        for socket in (one, other):
            assert (await socket.expect("room", WITHIN, gone=True))["slug"] == "kitchen"
            assert await socket.closed(WITHIN) == NO_ROOM
    async with signed_in(server, alice).open("kitchen") as again:
        assert await again.closed(WITHIN) == NO_ROOM
    modes.restore(kitchen, by=rut)
    assert (await fresh(server, alice))["slug"] == "kitchen"


async def test_the_lobby_removes_a_deleted_room_and_marks_an_archived_one(server, alice, owner, rut, kitchen):
    async with signed_in(server, alice).open_lobby() as lobby:
        await lobby.hello()
        await lobby.send("watch", rooms=["kitchen"])
        await lobby.expect("room", slug="kitchen")
        modes.archive(kitchen, by=owner)
        await lobby.expect("room", WITHIN, slug="kitchen", archived=True)
        modes.delete(kitchen, by=rut)
        await lobby.expect("room", WITHIN, slug="kitchen", gone=True)


async def test_an_author_is_told_what_becomes_of_a_held_message(server, alice, bob, owner, kitchen):
    rules.add(kitchen, by=owner, pattern="spam", effect="hold")
    async with (
        signed_in(server, alice).open("kitchen") as socket,
        signed_in(server, bob).open("kitchen") as other,
    ):
        await socket.hello()
        await other.hello()
        ids = [str(uuid.uuid4()) for _ in range(3)]
        for id in ids:
            await socket.send("post", id=id, text="spam")
            await socket.expect("held", id=id, text="spam")
        async with signed_in(server, alice).open("kitchen") as tab:
            await tab.hello()
            assert [(await tab.expect("held"))["id"] for _ in ids] == ids
        refused, approved, withdrawn = HeldMessage.objects.order_by("pk")
        held.refuse(refused, by=bob, answer="No")
        await socket.expect("held", WITHIN, id=ids[0], refused=True, answer="No")
        held.approve(approved, by=bob)
        for reader in (socket, other):
            await reader.expect("message", WITHIN, client_id=ids[1], text="spam")
        held.withdraw(withdrawn, by=alice)
        await socket.expect("held", WITHIN, id=ids[2], gone=True)
        assert not other.heard("held")


def say(room_id, author_id, text):
    (done,) = post([Draft(room_id, author_id, uuid.uuid4(), text)])
    if isinstance(done, Message):
        return "posted"
    return "held" if isinstance(done, HeldMessage) else done.code


def decide(held_id, person_id, approves):
    waiting, by = HeldMessage.objects.get(pk=held_id), User.objects.get(pk=person_id)
    held.approve(waiting, by=by) if approves else held.refuse(waiting, by=by)
    return "approved" if approves else "refused"


def test_in_slow_mode_one_of_many_simultaneous_messages_is_posted(site, alice, bob, kitchen):
    modes.set_modes(kitchen, by=bob, slow_mode=30)
    results = at_once(site, say, [(kitchen.pk, alice.pk, f"message {n}") for n in range(8)])
    assert sorted(results) == ["posted"] + ["slow_mode"] * 7


def test_one_of_two_simultaneous_decisions_about_a_held_message_counts(site, alice, bob, owner, kitchen):
    rules.add(kitchen, by=owner, pattern="spam", effect="hold")
    assert say(kitchen.pk, alice.pk, "spam") == "held"
    waiting = HeldMessage.objects.get()
    calls = [(waiting.pk, person.pk, approves) for person in (bob, owner) for approves in (True, False)]
    results = at_once(site, decide, calls)
    assert results.count("already_decided") == 3
    approved = "approved" in results
    assert Message.objects.count() == approved
    assert HeldMessage.objects.get().approved == approved
