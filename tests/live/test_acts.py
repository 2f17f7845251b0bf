"""For each action: the old state and the events that a client received equal the freshly loaded state.

The fresh state is the room's history, and the states in the room's page.
"""

from __future__ import annotations

import json
import re
import uuid
from copy import deepcopy

import pytest

from chat import events
from chat.actions.changes import Delete, Edit, Pin, React, Restore
from chat.actions.messages import Draft, post
from chat.models import Message
from tests.quotes import update_quotes

pytestmark = pytest.mark.django_db

FIRST, PLAIN, REPLY, REPLY_TO_REPLY, GONE = range(1, 6)  # seqs of the messages of `world`


class World:
    """A room with messages of Alice (a member) and Bob (a moderator), and a client's copy of them."""

    def __init__(self, room, alice, bob, charlie, client, commit) -> None:
        self.room, self.alice, self.bob, self.charlie = room, alice, bob, charlie
        self.client, self.commit = client, commit
        self.received: list[dict] = []
        self.do(self.draft("The **first** line of <@%d>\nand more", bob.pk))
        self.do(self.draft("Tea?", by=bob), self.draft("Yes, <@%d>", bob.pk, reply_to=FIRST))
        self.do(self.draft("Why?", by=bob, reply_to=REPLY), self.draft("Gone <@%d>", bob.pk))
        self.do(Delete(room.pk, alice.pk, GONE), self.react(FIRST))

    def draft(self, text, *ids, by=None, reply_to=None):
        return Draft(self.room.pk, (by or self.alice).pk, uuid.uuid4(), text % ids if ids else text, reply_to)

    def edit(self, seq, text, *ids, by=None):
        return Edit(self.room.pk, (by or self.alice).pk, seq, text % ids if ids else text)

    def delete(self, seq, by=None):
        return Delete(self.room.pk, (by or self.alice).pk, seq)

    def restore(self, seq, by=None):
        return Restore(self.room.pk, (by or self.alice).pk, seq)

    def react(self, seq, emoji="👍", on=True, by=None):
        return React(self.room.pk, (by or self.bob).pk, seq, emoji, on)

    def pin(self, seq, on=True):
        return Pin(self.room.pk, self.bob.pk, seq, on)

    def do(self, *commands) -> list:
        """Run commands in one transaction."""
        with self.commit(execute=True):
            return post(commands)

    def history(self) -> dict[int, dict]:
        found = self.client.get(f"/rooms/{self.room.slug}/messages/?limit=100").json()["messages"]
        return {message["seq"]: message for message in found}

    def page(self) -> dict[int, dict]:
        html = self.client.get(f"/rooms/{self.room.slug}/").content.decode()
        states = re.search(r"<script[^>]* data-states>(.*?)</script>", html, re.S)
        return {message["seq"]: message for message in json.loads(states[1])}


@pytest.fixture
def world(monkeypatch, client, kitchen, alice, bob, charlie, django_capture_on_commit_callbacks):
    client.force_login(alice, backend="django.contrib.auth.backends.ModelBackend")
    world = World(kitchen, alice, bob, charlie, client, django_capture_on_commit_callbacks)

    def receive(hints, _):
        runs = [run for _, hint in hints for run in hint.get("runs", ())]
        world.received += [json.loads(event) for _, _, _, changes in runs for event in changes]

    monkeypatch.setattr(events, "_publishers", [receive])
    return world


def apply(messages: dict[int, dict], received: list[dict]) -> dict[int, dict]:
    """What a client with these messages shows after these events."""
    shown = deepcopy(messages)
    for event in received:
        if event["rev"] > shown.get(event["seq"], {"rev": 0})["rev"]:
            shown[event["seq"]] = deepcopy(event)
            update_quotes(shown, event)
    return shown


# Each makes lists of commands; a list is one transaction.
ACTS = {
    "a post": lambda w: [[w.draft("Hello")]],
    "a post with mentions": lambda w: [[w.draft("<@%d>, <@%d> and <@999>", w.bob.pk, w.alice.pk)]],
    "a mention of somebody outside": lambda w: [[w.draft("<@%d>", w.charlie.pk)]],
    "a mention of all": lambda w: [[w.draft("<@all>, lunch", by=w.bob)]],
    "a mention of all that is refused": lambda w: [[w.draft("<@all>, lunch")]],
    "a reply": lambda w: [[w.draft("Yes", reply_to=PLAIN)]],
    "a reply to a message with a mention": lambda w: [[w.draft("Yes", reply_to=FIRST)]],
    "a reply to a deleted message": lambda w: [[w.draft("What was it?", reply_to=GONE)]],
    "an edit": lambda w: [[w.edit(FIRST, "Another\nline")]],
    "an edit that changes nothing": lambda w: [[w.edit(PLAIN, "Tea?", by=w.bob)]],
    "an edit that adds a mention": lambda w: [[w.edit(PLAIN, "Tea, <@%d>?", w.alice.pk, by=w.bob)]],
    "an edit that removes a mention": lambda w: [[w.edit(REPLY, "Yes")]],
    "an edit that is refused beside a reaction": lambda w: [
        [w.edit(FIRST, "<@all>, look"), w.react(FIRST, "🎉")]
    ],
    "two edits in one transaction": lambda w: [[w.edit(FIRST, "One"), w.edit(FIRST, "Two")]],
    "an edit and a reply to it in one transaction": lambda w: [
        [w.edit(FIRST, "Changed, <@%d>", w.alice.pk), w.draft("So?", reply_to=FIRST, by=w.bob)]
    ],
    "an edit and a reaction to its reply in one transaction": lambda w: [
        [w.edit(FIRST, "Changed, <@%d>", w.alice.pk), w.react(REPLY), w.edit(FIRST, "Changed again")]
    ],
    "a deletion": lambda w: [[w.delete(FIRST)]],
    "a deletion of a reply": lambda w: [[w.delete(REPLY)]],
    "a deletion of a reply, and an edit of its original": lambda w: [
        [w.delete(REPLY)], [w.edit(FIRST, "New")], [w.restore(REPLY)]
    ],
    "a message hidden by a moderator": lambda w: [[w.delete(FIRST, by=w.bob)]],
    "a message shown again by a moderator": lambda w: [
        [w.delete(FIRST, by=w.bob)], [w.restore(FIRST, by=w.bob)]
    ],
    "an undone deletion": lambda w: [[w.delete(FIRST)], [w.restore(FIRST)]],
    "a deletion and its undo in one transaction": lambda w: [[w.delete(FIRST), w.restore(FIRST)]],
    "a deletion undone later": lambda w: [[w.restore(GONE)]],
    "a pin": lambda w: [[w.pin(PLAIN)]],
    "a pin taken back": lambda w: [[w.pin(PLAIN)], [w.pin(PLAIN, on=False)]],
    "a pin that is refused": lambda w: [[w.pin(GONE)]],
    "a deletion of a pinned message, and its undo": lambda w: [
        [w.pin(FIRST)], [w.delete(FIRST)], [w.restore(FIRST)]
    ],
    "a reaction": lambda w: [[w.react(REPLY)]],
    "a second reaction and one taken back": lambda w: [
        [w.react(FIRST, by=w.alice), w.react(FIRST, "❤️")], [w.react(FIRST, on=False)]
    ],
}  # fmt: skip


@pytest.mark.parametrize("act", ACTS.values(), ids=ACTS)
def test_the_old_state_and_the_events_equal_the_freshly_loaded_state(world, act):
    history, page = world.history(), world.page()
    assert sorted(history) == sorted(page) == [FIRST, PLAIN, REPLY, REPLY_TO_REPLY, GONE]
    for commands in act(world):
        world.do(*commands)
    revs = [event["rev"] for event in world.received]
    assert revs == sorted(revs)
    assert apply(history, world.received) == world.history()
    without_html = [{**event, "html": ""} for event in world.received]
    assert apply(page, without_html) == world.page()


def test_a_refused_edit_leaves_the_message_as_it_is(world):
    refusal, reacted = world.do(world.edit(PLAIN, "<@all>"), world.react(PLAIN, by=world.alice))
    assert (refusal.code, reacted.text) == ("not_yours", "Tea?")
    refusal, reacted = world.do(world.edit(FIRST, "<@all>"), world.react(FIRST, "🎉"))
    stored = Message.objects.get(room=world.room, seq=FIRST)
    assert refusal.code == "not_all"
    assert "**first**" in stored.text and stored.edited_at is None and not stored.versions.exists()


def test_a_message_without_the_optional_parts_has_the_fields_of_protocol_2_in_their_order(world):
    plain = world.history()[PLAIN]
    assert list(plain) == [
        "type", "seq", "rev", "client_id", "author", "text", "html", "reply_to", "created_at", "edited_at",
        "deleted", "hidden", "reactions",
    ]  # fmt: skip


def test_a_quote_has_the_first_line_without_markdown_and_with_names(world):
    history = world.history()
    assert history[REPLY]["quote"] == {
        "seq": FIRST,
        "author": history[FIRST]["author"],
        "text": "The first line of @Bob",
        "deleted": False,
        "hidden": False,
    }
    assert "quote" not in history[PLAIN]


def test_a_quote_comes_from_the_same_room_and_is_left_out_if_the_original_is_gone(world, vault):
    post([Draft(vault.pk, world.bob.pk, uuid.uuid4(), "secret")])
    Message.objects.filter(room=world.room, seq=FIRST).update(seq=900)
    reply = Message.objects.filter(room=world.room).with_state().get(seq=REPLY)
    assert reply.original is None
    history = world.history()
    assert "quote" not in history[REPLY] and history[REPLY]["reply_to"] == FIRST
    assert history[REPLY_TO_REPLY]["quote"]["text"] == "Yes, @Bob"


def test_a_new_name_appears_in_mentions_and_quotes(world):
    world.bob.name = "Robert <b>"
    world.bob.save()
    history = world.history()
    assert history[REPLY]["quote"]["text"] == "The first line of @Robert <b>"
    assert history[REPLY]["mentions"] == {str(world.bob.pk): "Robert <b>"}
    assert f'data-user="{world.bob.pk}">@Robert &lt;b&gt;</span>' in history[REPLY]["html"]
