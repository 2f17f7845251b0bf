"""Messages that wait for approval: why they do, who decides, and what their author is told."""

import uuid
from datetime import timedelta

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from chat.actions import held, modes, rule_log, rules, sanctions
from chat.actions.messages import Draft, post
from chat.models import AuditEntry, HeldMessage, Membership, Message, Room, User
from chat.refusals import Refusal

pytestmark = pytest.mark.django_db


@pytest.fixture
def owner(kitchen):
    owner = User.objects.create_user("olga", name="Olga")
    Membership.objects.create(room=kitchen, user=owner, role=Membership.OWNER)
    return owner


@pytest.fixture
def spam(kitchen, owner):
    """A rule that holds messages with this word."""
    return rules.add(kitchen, by=owner, pattern="spam", effect="hold")


def draft(room, author, text="spam", **fields):
    known = User(pk=author.pk, name=author.name, is_guest=author.is_guest)
    return Draft(room.pk, author.pk, uuid.uuid4(), text, author=known, **fields)


def wait(room, author, text="spam", **fields):
    (done,) = post([draft(room, author, text, **fields)])
    assert isinstance(done, HeldMessage)
    return done


def code(call, *arguments, **options):
    with pytest.raises(Refusal) as refused:
        call(*arguments, **options)
    return refused.value.code


def test_an_approved_message_is_posted_now_as_its_authors(
    kitchen, alice, bob, spam, django_capture_on_commit_callbacks
):
    with django_capture_on_commit_callbacks(execute=True):
        waiting = wait(kitchen, alice, "Buy **spam**")
    (after,) = post([draft(kitchen, alice, "Something else")])
    message = held.approve(waiting, by=bob)
    rule_log.write()
    assert (message.author_id, message.client_id) == (alice.pk, waiting.client_id)
    assert (message.text, message.html) == ("Buy **spam**", "<p>Buy <strong>spam</strong></p>")
    assert message.seq == after.seq + 1 and message.created_at >= after.created_at
    decided, hold = AuditEntry.objects.filter(action__in=("hold", "decide_held")).order_by("number")
    assert (hold.actor_id, hold.person_id, hold.reason) == (None, alice.pk, waiting.cause)
    assert (decided.actor_id, decided.person_id, decided.seq) == (bob.pk, alice.pk, message.seq)


def test_posting_and_withdrawing_in_a_loop_writes_one_entry_a_minute(
    kitchen, alice, spam, django_capture_on_commit_callbacks
):
    for _ in range(5):
        with django_capture_on_commit_callbacks(execute=True):
            held.withdraw(wait(kitchen, alice), by=alice)
    assert not AuditEntry.objects.filter(action="hold").exists()
    rule_log.write()
    entry = AuditEntry.objects.get(action="hold")
    assert (entry.person_id, entry.room_id, entry.details["times"]) == (alice.pk, kitchen.pk, 5)
    rule_log.write()
    assert AuditEntry.objects.filter(action="hold").count() == 1


def test_an_approval_takes_one_transaction_whatever_rules_the_room_has(kitchen, alice, bob, spam):
    waiting = wait(kitchen, alice)
    with CaptureQueriesContext(connection) as queries:
        held.approve(waiting, by=bob)
    assert sum(query["sql"].startswith("SAVEPOINT") for query in queries) == 1


def test_a_repeated_post_is_held_once_and_acknowledged_once_it_is_approved(kitchen, alice, bob, spam):
    sent = draft(kitchen, alice)
    (first,), (again,) = post([sent]), post([sent])
    assert first.pk == again.pk and HeldMessage.objects.count() == 1
    message = held.approve(first, by=bob)
    (later,) = post([sent])
    assert later.seq == message.seq and Message.objects.count() == 1


def test_a_post_that_was_held_stays_held_when_the_rule_is_gone(kitchen, alice, owner, spam):
    sent = draft(kitchen, alice)
    (first,) = post([sent])
    rules.remove(spam, by=owner)
    (again,) = post([sent])
    assert again.pk == first.pk and not Message.objects.exists()


def test_a_refused_message_stays_refused_until_its_author_has_read_why(kitchen, alice, bob, spam):
    sent = draft(kitchen, alice)
    (waiting,) = post([sent])
    held.refuse(waiting, by=bob, answer="No spam here")
    (again,) = post([sent])
    assert (again.approved, again.answer, again.decided_by) == (False, "No spam here", bob)
    assert Room.objects.get(pk=kitchen.pk).has_held
    held.withdraw(waiting, by=alice)
    assert not Room.objects.get(pk=kitchen.pk).has_held


def test_the_second_decision_is_refused_and_says_who_made_the_first(kitchen, alice, bob, owner, spam):
    waiting = wait(kitchen, alice)
    held.approve(waiting, by=bob)
    with pytest.raises(Refusal, match="Bob already decided: this message was approved"):
        held.refuse(waiting, by=owner)
    assert code(held.approve, waiting, by=owner) == "already_decided"
    assert code(held.withdraw, waiting, by=alice) == "already_decided"
    assert Message.objects.count() == 1


def test_a_withdrawn_message_cannot_be_approved(kitchen, alice, bob, charlie, spam):
    waiting = wait(kitchen, alice)
    assert code(held.withdraw, waiting, by=charlie) == "no_message"
    held.withdraw(waiting, by=alice)
    with pytest.raises(Refusal, match="this message was withdrawn"):
        held.approve(waiting, by=bob)


@pytest.mark.parametrize("kind", ["mute", "ban", "warning"])
def test_a_message_of_a_sanctioned_person_cannot_be_approved(kitchen, alice, bob, spam, kind):
    waiting = wait(kitchen, alice)
    duration = None if kind == "warning" else timedelta(hours=1)
    sanction = sanctions.impose(kind, alice, by=bob, room=kitchen, reason="Enough", duration=duration)
    assert code(held.approve, waiting, by=bob) == "author_sanctioned"
    sanctions.lift(sanction, by=bob)
    assert held.approve(waiting, by=bob).seq == 1


def test_a_message_of_a_person_who_left_a_private_room_cannot_be_approved(vault, alice, bob):
    Membership.objects.filter(room=vault, user=bob).update(role=Membership.OWNER)
    rules.add(vault, by=bob, pattern="spam", effect="hold")
    waiting = wait(vault, alice)
    vault.memberships.filter(user=alice).delete()
    assert code(held.approve, waiting, by=bob) == "author_sanctioned"


def test_only_moderators_decide(kitchen, alice, charlie, spam):
    waiting = wait(kitchen, alice)
    for person in (alice, charlie):
        assert code(held.approve, waiting, by=person) == "not_allowed"
        assert code(held.refuse, waiting, by=person) == "not_allowed"


def test_a_message_waits_in_an_archived_room(kitchen, alice, bob, owner, spam):
    waiting = wait(kitchen, alice)
    modes.archive(kitchen, by=owner)
    assert code(held.approve, waiting, by=bob) == "read_only"


def test_messages_of_moderators_never_wait(kitchen, bob, spam):
    (message,) = post([draft(kitchen, bob)])
    assert isinstance(message, Message)


def test_a_person_has_at_most_twenty_waiting_messages(kitchen, alice, charlie, spam):
    results = post([draft(kitchen, alice) for _ in range(21)])
    assert [isinstance(result, HeldMessage) for result in results] == [True] * 20 + [False]
    (refused,) = post([draft(kitchen, alice)])
    assert refused.code == results[-1].code == "too_many_held"
    wait(kitchen, charlie)


def test_the_first_messages_of_guests_and_new_accounts_wait(kitchen, alice, bob, charlie, owner):
    modes.set_modes(kitchen, by=owner, approve_first=2)
    guest = User.objects.create(username="guest:1", name="Ayu", is_guest=True)
    User.objects.filter(pk=alice.pk).update(date_joined=timezone.now() - timedelta(days=7))
    for person in (guest, charlie):
        for waiting in [wait(kitchen, person, "hi"), wait(kitchen, person, "there")]:
            held.approve(waiting, by=bob)
        (third,) = post([draft(kitchen, person, "again")])
        assert isinstance(third, Message)
    for person in (alice, bob):
        (first,) = post([draft(kitchen, person, "hi")])
        assert isinstance(first, Message)


def test_a_held_reply_answers_its_message_when_it_is_approved(kitchen, alice, bob, spam):
    post([draft(kitchen, bob, "Lunch?")])
    message = held.approve(wait(kitchen, alice, reply_to=1), by=bob)
    assert message.reply_to == 1 and message.original.text == "Lunch?"
    (refused,) = post([draft(kitchen, alice, reply_to=99)])
    assert refused.code == "no_message"


def test_the_page_without_scripts_shows_and_withdraws_a_waiting_message(client, kitchen, alice, spam):
    client.force_login(alice, backend="django.contrib.auth.backends.ModelBackend")
    client_id = uuid.uuid4()
    answer = client.post("/rooms/kitchen/", {"text": "Some spam", "client_id": client_id}, follow=True)
    assert "Your message waits for a moderator" in answer.content.decode()
    client.post(f"/rooms/kitchen/held/{client_id}/withdraw/")
    assert "waits for a moderator" not in client.get("/rooms/kitchen/").content.decode()


def test_a_post_over_http_is_answered_with_the_held_message(client, kitchen, alice, spam):
    client.force_login(alice, backend="django.contrib.auth.backends.ModelBackend")
    frame = {"type": "post", "id": str(uuid.uuid4()), "text": "spam"}
    answer = client.post("/rooms/kitchen/messages/", frame, content_type="application/json")
    assert answer.status_code == 202
    expected = {"type": "held", "id": frame["id"], "text": "spam", "cause": "“spam” waits for a moderator."}
    assert answer.json() == expected
