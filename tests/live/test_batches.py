"""Commands of several users in one transaction. A failing command is refused without affecting the others."""

import uuid
from dataclasses import dataclass

import pytest
from django.db import DataError, OperationalError
from django.db.models import QuerySet

from chat import text
from chat.actions.batch import Batch
from chat.actions.changes import Delete, Edit, React
from chat.actions.messages import Draft, post
from chat.actions.moderation import hide
from chat.models import Message, User

pytestmark = pytest.mark.django_db(transaction=True)  # foreign keys are checked at COMMIT


def draft(room, user, source, **fields):
    return Draft(room.pk, user.pk, uuid.uuid4(), source, **fields)


def partial(user):
    """The author as a connection stores it: without the columns that grant permissions."""
    return User(pk=user.pk, name=user.name)


def results_of(results):
    return [result.text if isinstance(result, Message) else result.code for result in results]


@pytest.mark.parametrize("site_moderator", [False, True])
def test_a_moderator_posts_and_deletes_in_one_batch(alice, bob, charlie, kitchen, site_moderator):
    if site_moderator:
        User.objects.filter(pk=charlie.pk).update(is_staff=True, is_superuser=True)
    moderator = charlie if site_moderator else bob
    post([draft(kitchen, alice, "unkind")])
    posted, deleted, reacted = post(
        [
            draft(kitchen, moderator, "Please be kind", author=partial(moderator)),
            Delete(kitchen.pk, moderator.pk, 1),
            React(kitchen.pk, alice.pk, 1, "👍", True),
        ]
    )
    assert (posted.seq, posted.author.name) == (2, moderator.name)
    assert deleted.deleted_by.pk == moderator.pk
    assert reacted.code == "deleted"
    assert Message.objects.get(seq=1).deleted_at


def test_commands_run_in_order_and_changes_of_one_message_share_one_revision(alice, bob, kitchen):
    post([draft(kitchen, alice, "one")])
    commands = [
        Edit(kitchen.pk, alice.pk, 1, "two"),
        draft(kitchen, bob, "hello", author=partial(bob), reply_to=1),
        React(kitchen.pk, bob.pk, 1, "👍", True),
        Edit(kitchen.pk, bob.pk, 1, "mine"),
    ]
    results = post(commands)
    assert results_of(results) == ["two", "hello", "two", "not_yours"]
    assert [result.rev for result in results[:3]] == [2, 3, 2]
    stored = Message.objects.get(seq=1)
    assert (stored.text, stored.reactions, stored.rev) == ("two", {"👍": [bob.pk]}, 2)


def test_a_text_that_is_refused_starts_no_transaction(django_assert_num_queries, alice, kitchen):
    with django_assert_num_queries(0):
        assert results_of(post([draft(kitchen, alice, " "), draft(kitchen, alice, "x" * 4_001)])) == [
            "empty",
            "too_long",
        ]


def test_texts_are_rendered_before_the_rooms_are_locked(monkeypatch, alice, kitchen):
    order = []
    render, load = text.render, Batch.__init__
    monkeypatch.setattr(text, "render", lambda source: order.append(source) or render(source))
    monkeypatch.setattr(Batch, "__init__", lambda *args, **more: order.append("lock") or load(*args, **more))
    post([draft(kitchen, alice, "a"), draft(kitchen, alice, "b")])
    assert order == ["a", "b", "lock"]


# ── isolation ────────────────────────────────────────────────────────────────────────────────────


@dataclass(slots=True)
class Duplicate(Draft):
    """A draft with a sequence number that is taken. The unique constraint rejects it each time."""

    def apply(self, batch, actor):
        message = Draft.apply(self, batch, actor)
        message.seq = 1
        return message


@dataclass(slots=True)
class Broken(Draft):
    def apply(self, batch, actor):
        raise ZeroDivisionError


def test_only_the_message_of_a_deleted_author_is_refused(alice, bob, charlie, kitchen):
    commands = [
        draft(kitchen, person, person.name, author=partial(person)) for person in (alice, charlie, bob)
    ]
    charlie.delete()
    assert results_of(post(commands)) == ["Alice", "no_room", "Bob"]
    kitchen.refresh_from_db()
    assert kitchen.head == 2


def test_a_draft_that_was_stored_before_does_not_affect_the_others(alice, bob, kitchen):
    first = draft(kitchen, alice, "once", author=partial(alice))
    post([first])
    results = post([draft(kitchen, bob, "before"), first, draft(kitchen, bob, "after")])
    assert results_of(results) == ["before", "once", "after"]
    assert [result.seq for result in results] == [2, 1, 3]


@pytest.mark.parametrize("command_class", [Duplicate, Broken])
@pytest.mark.parametrize("positions", [[0], [37], [3, 49]])
def test_only_the_commands_that_the_database_or_the_code_rejects_are_refused(
    monkeypatch, alice, bob, kitchen, command_class, positions
):
    post([draft(kitchen, alice, "first")])
    commands = [draft(kitchen, bob, str(number), author=partial(bob)) for number in range(50)]
    for position in positions:
        commands[position] = command_class(
            kitchen.pk, alice.pk, uuid.uuid4(), "poison", author=partial(alice)
        )
    transactions = count_transactions(monkeypatch)
    results = post(commands)
    assert [number for number, result in enumerate(results) if not isinstance(result, Message)] == positions
    assert {results[position].code for position in positions} == {"unavailable"}
    assert [message.seq for message in results if isinstance(message, Message)] == list(
        range(2, 52 - len(positions))
    )
    assert len(transactions) <= 2 + len(positions) * 12
    kitchen.refresh_from_db()
    assert kitchen.head == 51 - len(positions)


def test_when_every_command_fails_the_number_of_transactions_is_bounded(monkeypatch, alice, kitchen):
    transactions = count_transactions(monkeypatch)
    commands = [Broken(kitchen.pk, alice.pk, uuid.uuid4(), "poison") for _ in range(500)]
    assert set(results_of(post(commands))) == {"unavailable"}
    assert len(transactions) < 40


def test_when_the_database_is_unavailable_the_batch_is_not_retried(monkeypatch, alice, kitchen):
    attempts = []

    def fail(*args, **more):
        attempts.append(1)
        raise OperationalError

    monkeypatch.setattr(Batch, "__init__", fail)
    with pytest.raises(OperationalError):
        post([draft(kitchen, alice, str(number)) for number in range(50)])
    assert len(attempts) == 1


def test_hiding_many_messages_skips_the_one_that_cannot_be_stored(monkeypatch, alice, bob, kitchen):
    posted = post([draft(kitchen, alice, str(number)) for number in range(20)])
    update = QuerySet.bulk_update

    def fail_for_seq_7(self, objects, fields, **more):
        if any(message.seq == 7 for message in objects):
            raise DataError("no")
        return update(self, objects, fields, **more)

    monkeypatch.setattr(QuerySet, "bulk_update", fail_for_seq_7)
    assert len(hide(posted, by=bob)) == 19
    assert Message.objects.get(deleted_at=None).seq == 7


def count_transactions(monkeypatch):
    transactions, load = [], Batch.__init__

    def counting(self, commands, **more):
        transactions.append(len(commands))
        load(self, commands, **more)

    monkeypatch.setattr(Batch, "__init__", counting)
    return transactions
