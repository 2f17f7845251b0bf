"""Hiding: logged singly, with a reason, in few frames, and restorable until it is purged."""

import pytest

from chat import events
from chat.actions import audit
from chat.actions.changes import Delete, Restore
from chat.actions.messages import post
from chat.actions.moderation import AT_ONCE, hide, restore, view_private
from chat.models import AuditEntry, Membership, Message
from chat.refusals import Refusal
from tests.wire import signed_in

MANY = 1_000  # messages
FRAMES = 50  # for all of them, with the pongs of the wait


@pytest.mark.django_db
def test_each_hidden_and_restored_message_is_logged_with_its_reason(kitchen, alice, bob, say):
    messages = say(kitchen, alice, "One", "Two")
    assert hide(messages, by=bob, reason="Adverts") == messages
    hidden = list(Message.objects.order_by("seq"))
    assert hide(hidden, by=bob) == [] and restore(hidden, by=bob, reason="My mistake") == hidden
    logged = AuditEntry.objects.order_by("number").values_list(
        "action", "actor_name", "person_name", "room_name", "seq", "reason"
    )
    assert list(logged) == [
        ("hide", "Bob", "Alice", "Kitchen", 1, "Adverts"),
        ("hide", "Bob", "Alice", "Kitchen", 2, "Adverts"),
        ("restore", "Bob", "Alice", "Kitchen", 1, "My mistake"),
        ("restore", "Bob", "Alice", "Kitchen", 2, "My mistake"),
    ]


@pytest.mark.django_db
def test_what_authors_do_with_their_own_messages_is_not_logged(kitchen, alice, bob, say):
    say(kitchen, alice, "mine")
    say(kitchen, bob, "also mine")
    for author, seq in ((alice, 1), (bob, 2)):
        post([Delete(kitchen.pk, author.pk, seq)])
        post([Restore(kitchen.pk, author.pk, seq)])
    assert not AuditEntry.objects.exists() and not Message.objects.exclude(deleted_at=None).exists()


@pytest.mark.django_db
def test_nobody_hides_a_message_of_somebody_of_the_same_or_a_higher_rank(kitchen, alice, bob, mara, say):
    Membership.objects.filter(room=kitchen, user=alice).update(role=Membership.OWNER)
    messages = say(kitchen, alice, "from an owner") + say(kitchen, mara, "from a site moderator")
    assert hide(messages, by=bob) == [] and not AuditEntry.objects.exists()
    (refusal,) = post([Delete(kitchen.pk, bob.pk, 1)])
    assert refusal.code == "not_above_you"
    assert hide(messages[:1], by=mara) == messages[:1]
    (refusal,) = post([Restore(kitchen.pk, alice.pk, 1)])  # an owner, but it is their own message
    assert refusal.code == "not_above_you"


@pytest.mark.django_db
def test_if_the_log_cannot_be_written_nothing_is_hidden(monkeypatch, kitchen, alice, bob, say):
    messages = say(kitchen, alice, "One")

    def fail(decisions):
        if decisions:
            raise ValueError

    monkeypatch.setattr(audit, "record", fail)
    assert hide(messages, by=bob) == []
    assert Message.objects.get().deleted_at is None


@pytest.mark.django_db
def test_a_site_moderator_looks_into_a_private_room_only_with_a_reason(vault, alice, bob, mara):
    for person, reason, expected in (
        (bob, "Curious", "not_allowed"),
        (mara, " ", "reason_empty"),
        (mara, "x" * 501, "too_long"),
    ):
        with pytest.raises(Refusal) as refused:
            view_private(vault, by=person, reason=reason)
        assert refused.value.code == expected
    view_private(vault, by=mara, reason="Reported by Alice")
    entry = AuditEntry.objects.get()
    assert (entry.action, entry.room_id, entry.reason) == ("view_private", vault.pk, "Reported by Alice")


async def test_a_moderators_delete_frame_is_logged_with_their_ip_address(server, kitchen, alice, bob):
    async with signed_in(server, alice).open("kitchen") as a, signed_in(server, bob).open("kitchen") as b:
        await a.hello()
        await b.hello()
        sent = await a.post("hello")
        await b.expect("message", seq=sent["seq"])
        await b.ask("delete", seq=sent["seq"])
        await b.ask("restore", seq=sent["seq"])
        await a.expect("message", rev=3)
    entries = list(AuditEntry.objects.order_by("number").values_list("action", "address", "actor_id"))
    assert entries == [("hide", "127.0.0.1", bob.pk), ("restore", "127.0.0.1", bob.pk)]


@pytest.mark.django_db(transaction=True)
def test_a_thousand_hidden_messages_are_two_hints_to_each_process(monkeypatch, kitchen, alice, bob, say):
    messages, hints = say(kitchen, alice, *map(str, range(MANY))), []
    monkeypatch.setattr(events, "_publishers", [lambda found, _: hints.extend(found)])
    assert len(hide(messages, by=bob, reason="Adverts")) == MANY
    assert [len(run[-1]) for _, hint in hints for run in hint["runs"]] == [AT_ONCE, AT_ONCE] and len(
        hints
    ) == 2
    assert AuditEntry.objects.filter(action="hide").count() == MANY and audit.first_broken() is None


async def test_a_thousand_hidden_messages_arrive_in_few_frames(server, kitchen, alice, bob, say):
    messages = say(kitchen, alice, *map(str, range(MANY)))
    async with signed_in(server, bob).open("kitchen") as reader:
        await reader.hello()
        await reader.synced()
        before = reader.frames
        hide(messages, by=bob)
        await reader.wait_for_head(2 * MANY)
        assert reader.frames - before <= FRAMES
        assert set(reader.texts) == {""}
