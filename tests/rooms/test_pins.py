"""Pinned messages: moderators pin, everybody sees it, and what is deleted or hidden is pinned no more."""

import re
import uuid

import pytest

from chat.actions import modes
from chat.actions.changes import Delete, Pin, Restore
from chat.actions.changes.pinning import PINNED
from chat.actions.messages import Draft, post
from chat.models import AuditEntry, Membership, Message, Room, User
from chat.refusals import Refusal
from tests.at_once import at_once
from tests.wire import signed_in


def pin(room, by, seq, on=True):
    (done,) = post([Pin(room.pk, by.pk, seq, on)])
    return done.code if isinstance(done, Refusal) else "done"


def pinned(room):
    return list(room.messages.pinned().values_list("seq", flat=True))


@pytest.mark.django_db
def test_a_pin_takes_the_next_number_and_a_repetition_none(kitchen, alice, bob, say):
    say(kitchen, alice, "One", "Two")
    assert [pin(kitchen, bob, 1), pin(kitchen, bob, 1), pin(kitchen, bob, 2)] == ["done"] * 3
    assert list(Message.objects.order_by("seq").values_list("rev", flat=True)) == [3, 4]
    assert pinned(kitchen) == [2, 1]
    pin(kitchen, bob, 2, on=False)
    pin(kitchen, bob, 2, on=False)
    kitchen.refresh_from_db()
    assert pinned(kitchen) == [1] and kitchen.head == 5
    logged = AuditEntry.objects.order_by("number").values_list("action", "seq", "person_name")
    assert list(logged) == [("pin", 1, "Alice"), ("pin", 2, "Alice"), ("unpin", 2, "Alice")]


@pytest.mark.django_db
def test_members_outsiders_and_muted_moderators_cannot_pin(kitchen, vault, alice, bob, charlie, dewi, say):
    from chat.actions import sanctions

    for room in (kitchen, vault):
        say(room, alice, "One")
    assert pin(kitchen, alice, 1) == pin(kitchen, charlie, 1) == "not_allowed"
    assert pin(vault, charlie, 1) == "no_room"
    assert pin(kitchen, bob, 9) == "no_message"
    sanctions.impose("mute", bob, by=dewi, room=kitchen, reason="A pause")
    assert pin(kitchen, bob, 1) == "muted"
    modes.archive(vault, by=dewi)
    assert pin(vault, bob, 1) == "read_only"
    assert pinned(kitchen) == pinned(vault) == []


@pytest.mark.django_db
@pytest.mark.parametrize("by", ["the author", "a moderator"])
def test_a_message_that_is_deleted_or_hidden_leaves_the_list_for_good(kitchen, alice, bob, say, by):
    say(kitchen, alice, "One")
    pin(kitchen, bob, 1)
    deleting = alice if by == "the author" else bob
    post([Delete(kitchen.pk, deleting.pk, 1)])
    assert pinned(kitchen) == [] and pin(kitchen, bob, 1) == "deleted"
    post([Restore(kitchen.pk, deleting.pk, 1)])
    assert pinned(kitchen) == []


@pytest.mark.django_db
def test_a_room_has_at_most_fifty_pinned_messages_also_in_one_transaction(kitchen, bob, say):
    say(kitchen, bob, *(f"message {number}" for number in range(PINNED + 2)))
    done = post([Pin(kitchen.pk, bob.pk, seq, True) for seq in range(1, PINNED + 2)])
    assert [one.code for one in done if isinstance(one, Refusal)] == ["too_many_pins"]
    assert len(pinned(kitchen)) == PINNED and pin(kitchen, bob, PINNED + 2) == "too_many_pins"
    pin(kitchen, bob, 1, on=False)
    assert pin(kitchen, bob, PINNED + 2) == "done"


def test_two_who_pin_at_once_pin_once_and_the_limit_holds(site, kitchen, alice, bob):
    Membership.objects.filter(user=alice).update(role=Membership.MODERATOR)
    texts = [Draft(kitchen.pk, bob.pk, uuid.uuid4(), str(number)) for number in range(PINNED + 1)]
    post(texts)
    post([Pin(kitchen.pk, bob.pk, seq, True) for seq in range(1, PINNED)])
    calls = [(kitchen.pk, person.pk, seq) for seq in (PINNED, PINNED + 1) for person in (alice, bob)]
    done = at_once(site, pin_in_process, calls)
    assert done.count("done") == done.count("too_many_pins") == 2
    assert len(pinned(kitchen)) == PINNED
    assert AuditEntry.objects.filter(action="pin", seq__gte=PINNED).count() == 1


def pin_in_process(room_id, user_id, seq):
    return pin(Room.objects.get(pk=room_id), User.objects.get(pk=user_id), seq)


@pytest.mark.django_db
def test_the_page_lists_the_pinned_messages_and_a_moderator_unpins_without_scripts(
    as_person, kitchen, alice, bob, say
):
    say(kitchen, alice, "Not this", "The *rules*")
    pin(kitchen, bob, 2)
    member, moderator = as_person(alice), as_person(bob)
    page = member.get("/rooms/kitchen/pinned/").content.decode()
    assert "The <em>rules</em>" in page and "Not this" not in page and "/rooms/kitchen/2/" in page
    assert "Unpin" not in page and "Unpin" in moderator.get("/rooms/kitchen/pinned/").content.decode()
    answer = member.get("/rooms/kitchen/pinned/", headers={"Accept": "application/json"})
    assert answer.json() == {"head": 3, "pinned": [2]}
    room = member.get("/rooms/kitchen/").content.decode()
    assert re.search(r'data-pins="2" title="Pinned messages">', room)
    assert member.post("/rooms/kitchen/pinned/", {"seq": "2"}).status_code == 403
    assert moderator.post("/rooms/kitchen/pinned/", {"seq": "x"}).status_code == 404
    assert moderator.post("/rooms/kitchen/pinned/", {"seq": "9" * 30}).status_code == 404
    assert moderator.post("/rooms/kitchen/pinned/", {"seq": "2"})["Location"] == "/rooms/kitchen/pinned/"
    assert "No message is pinned here" in member.get("/rooms/kitchen/pinned/").content.decode()


@pytest.mark.django_db
def test_the_pinned_messages_of_a_private_room_are_for_its_members(
    client, as_person, vault, bob, charlie, say
):
    say(vault, bob, "Secret")
    pin(vault, bob, 1)
    assert as_person(charlie).get("/rooms/vault/pinned/").status_code == 404
    assert client.get("/rooms/vault/pinned/").status_code == 302


async def test_a_pin_and_its_end_reach_open_pages_and_those_that_were_away(site, kitchen, alice, bob):
    first, second = site.start(), site.start()
    reader = signed_in(second, alice)
    async with signed_in(first, bob).open("kitchen") as moderator:
        await moderator.hello()
        async with reader.open("kitchen") as socket:
            welcome = await socket.hello()
            await moderator.post("The rules")
            await socket.expect("message", text="The rules")
            assert (await moderator.ask("pin", seq=1, on=True))["rev"] == 2
            assert (await socket.expect("message", rev=2))["pinned"] is True
        assert (await moderator.ask("pin", seq=1, on=False))["rev"] == 3
    async with reader.open("kitchen") as socket:
        await socket.hello(since=2, epoch=welcome["epoch"])
        assert "pinned" not in await socket.expect("message", rev=3)
