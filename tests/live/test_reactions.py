"""Reactions: their order, two forms of one emoji, and many people who react at the same moment."""

import asyncio
import json
import uuid

import pytest

from chat import frames
from chat.actions.changes import React
from chat.actions.messages import Draft, post
from chat.models import Message
from tests.wire import guest, signed_in

PEOPLE = 8
ORDER = ["🎉", "👍", "❤️", "👨‍👩‍👧", "🇮🇩", "😀"]  # not the order in which PostgreSQL stores keys


@pytest.mark.django_db(transaction=True)
def test_emoji_stay_in_the_order_of_the_first_reactions(alice, bob, kitchen):
    post([Draft(kitchen.pk, alice.pk, uuid.uuid4(), "Tea?")])
    for one in ORDER:
        latest = post([React(kitchen.pk, alice.pk, 1, one, True)])[0]
    assert shown(latest) == shown(stored()) == ORDER
    latest = post([React(kitchen.pk, bob.pk, 1, "👍", True), React(kitchen.pk, alice.pk, 1, "👍", False)])[1]
    assert shown(latest) == shown(stored()) == ORDER
    latest = post([React(kitchen.pk, alice.pk, 1, "🎉", False), React(kitchen.pk, bob.pk, 1, "🎉", True)])[1]
    assert shown(latest) == shown(stored()) == [*ORDER[1:], "🎉"]


@pytest.mark.django_db(transaction=True)
def test_reactions_of_a_process_that_does_not_know_the_order_are_shown_last(alice, kitchen):
    post([Draft(kitchen.pk, alice.pk, uuid.uuid4(), "Tea?")])
    Message.objects.update(reactions={"👍": [alice.pk], "😀": [alice.pk]}, reaction_order=["🎉", "😀"])
    assert shown(stored()) == ["😀", "👍"]


@pytest.mark.django_db(transaction=True)
def test_an_emoji_with_and_without_variation_selector_is_one_reaction(alice, bob, kitchen):
    post([Draft(kitchen.pk, alice.pk, uuid.uuid4(), "Tea?")])
    post([React(kitchen.pk, alice.pk, 1, "❤", True), React(kitchen.pk, bob.pk, 1, "❤️", True)])
    assert stored().reactions == {"❤️": [alice.pk, bob.pk]}


async def test_reactions_of_two_people_at_the_same_moment_in_two_processes_both_stay(
    site, stack, alice, kitchen
):
    servers = [site.start() for _ in range(2 if stack.full else 1)]  # SQLite serves one process
    people = [
        await guest(servers[number % len(servers)], f"Visitor {number}", "kitchen")
        for number in range(PEOPLE)
    ]
    post([Draft(kitchen.pk, alice.pk, uuid.uuid4(), f"Message {number}") for number in range(10)])
    async with asyncio.TaskGroup() as group:
        results = [group.create_task(react_to_all(person)) for person in people]
    ids = sorted(task.result() for task in results)
    for message in Message.objects.order_by("seq").with_state():
        assert sorted(message.reactions["👍"]) == ids
        assert sorted(message.reactions["❤️"]) == ids
    async with signed_in(servers[-1], alice).open("kitchen") as reader:
        await reader.hello()
        await reader.synced()
        loaded = {seq: list(message["reactions"].items()) for seq, message in reader.messages.items()}
    assert loaded == {m.seq: list(m.ordered_reactions().items()) for m in Message.objects.all()}


async def react_to_all(person):
    """React to each message with two emoji, together with the others. Returns the person's id."""
    async with person.open("kitchen") as socket:
        me = (await socket.hello())["user"]["id"]
        for seq in range(1, 11):
            await asyncio.gather(
                *(socket.ask("react", seq=seq, emoji=emoji, on=True) for emoji in ("👍", "❤️"))
            )
        return me


def stored():
    return Message.objects.with_state().get()


def shown(message):
    """The emoji in the order in which clients receive them."""
    event = json.loads(frames.encode(frames.message(message)))
    return list(event["reactions"])
