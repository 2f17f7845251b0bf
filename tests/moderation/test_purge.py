"""`manage.py purge`: what was hidden or deleted long ago is removed for good; readers see no change."""

import uuid
from datetime import timedelta

import pytest
from django.conf import settings
from django.core.management import CommandError, call_command
from django.utils import timezone

from chat import frames
from chat.actions import cases, purging
from chat.actions.changes import Delete, Edit, React, Restore
from chat.actions.messages import Draft, post
from chat.actions.moderation import hide, restore
from chat.actions.reports import report_message, report_person
from chat.models import AuditEntry, Case, HeldMessage, Mention, Message, Room, Version
from tests.wire import signed_in

OLD = timedelta(days=settings.OBROLAN_KEEP_HIDDEN, hours=1)


@pytest.fixture
def messages(kitchen, alice, bob, say):
    """Four messages with everything that a message can have: hidden long ago, deleted long ago, hidden now,
    and not hidden.
    """
    found = say(kitchen, alice, *[f"hello <@{bob.pk}> <@999>"] * 4)
    for message in found:
        post([Edit(kitchen.pk, alice.pk, message.seq, f"hi <@{bob.pk}>")])
        post([React(kitchen.pk, bob.pk, message.seq, "👍", True)])
    hide([found[0], found[2]], by=bob)
    post([Delete(kitchen.pk, alice.pk, found[1].seq)])
    Message.objects.filter(pk__in=[found[0].pk, found[1].pk]).update(deleted_at=timezone.now() - OLD)
    return found


def states(room):
    return [frames.encode(frames.message(message)) for message in room.messages.order_by("seq").with_state()]


@pytest.mark.django_db
def test_old_texts_are_removed_and_readers_see_the_same_as_before(kitchen, messages):
    kitchen.refresh_from_db()
    before, head = states(kitchen), kitchen.head
    removed = purging.purge()
    assert removed == {"rooms": 0, "messages": 2, "held messages": 0, "texts of cases": 0}
    kitchen.refresh_from_db()
    assert states(kitchen) == before and kitchen.head == head
    old = Message.objects.filter(pk__in=[messages[0].pk, messages[1].pk])
    assert set(old.values_list("text", "html", "mentions_all")) == {("", "", False)}
    assert all(message.mentions == [] and message.reactions == {} for message in old)
    assert set(Version.objects.values_list("message", flat=True)) == {messages[2].pk, messages[3].pk}
    assert set(Mention.objects.values_list("message", flat=True)) == {messages[3].pk}
    entry = AuditEntry.objects.get(action="purge")
    assert entry.details["messages"] == 2 and entry.actor_id is None
    assert set(purging.purge().values()) == {0}
    assert AuditEntry.objects.filter(action="purge").count() == 1


@pytest.mark.django_db
def test_what_was_purged_cannot_be_restored_and_the_rest_can(kitchen, messages, bob):
    purging.purge()
    assert restore(kitchen.messages.all(), by=bob) == [messages[2]]
    (refusal,) = post([Restore(kitchen.pk, bob.pk, messages[0].seq)])
    assert refusal.code == "too_late"


@pytest.mark.django_db
def test_a_message_that_is_restored_meanwhile_keeps_its_text(kitchen, messages, bob):
    ids = list(purging.due()["messages"].values_list("pk", flat=True))
    restore([Message.objects.get(pk=messages[0].pk)], by=bob)
    assert purging.KINDS["messages"].remove(ids, timezone.now() - OLD + timedelta(minutes=1)) == 1
    assert Message.objects.get(pk=messages[0].pk).text and not Message.objects.get(pk=messages[1].pk).text


@pytest.mark.django_db
def test_old_deleted_rooms_are_removed_with_all_they_have(kitchen, vault, alice, bob, mara, say):
    secret, _ = say(vault, alice, "secret", "more")
    post([Draft(vault.pk, bob.pk, uuid.uuid4(), f"yes <@{alice.pk}>", reply_to=secret.seq)])
    cases.close(report_message(secret, by=bob, reason="spam").case, by=mara)
    report_person(alice, room=vault, by=bob, reason="abuse")
    report_person(alice, by=mara, reason="abuse")  # would be the same case without the room
    Room.objects.filter(pk=vault.pk).update(deleted_at=timezone.now() - OLD)
    Room.objects.filter(pk=kitchen.pk).update(deleted_at=timezone.now())
    assert purging.purge()["rooms"] == 1
    assert list(Room.objects.all()) == [kitchen] and not Message.objects.exists()
    closed = Case.objects.get(outcome="The room was deleted")
    assert closed.room is None and Case.objects.open().count() == 1


@pytest.mark.django_db
def test_decided_held_messages_and_texts_of_closed_cases_are_removed(kitchen, alice, bob, mara, say):
    fields = {"room": kitchen, "author": alice, "text": "wait", "cause": "A rule"}
    decided = HeldMessage.objects.create(**fields, client_id=uuid.uuid4(), decided_at=timezone.now() - OLD)
    waiting = HeldMessage.objects.create(**fields, client_id=uuid.uuid4())
    closed, open_ = (
        report_message(message, by=bob, reason="spam").case for message in say(kitchen, alice, "a", "b")
    )
    cases.close(closed, by=mara, answer="Settled")
    Case.objects.filter(pk=closed.pk).update(closed_at=timezone.now() - OLD)
    assert purging.purge() == {"rooms": 0, "messages": 0, "held messages": 1, "texts of cases": 1}
    assert list(HeldMessage.objects.all()) == [waiting] and decided != waiting
    assert [case.text for case in Case.objects.order_by("pk")] == ["", "b"] and open_.closed_at is None
    assert Case.objects.get(pk=closed.pk).answer == "Settled"


@pytest.mark.django_db
def test_more_than_a_part_is_removed(monkeypatch, kitchen, alice, bob, say):
    monkeypatch.setattr(purging, "AT_ONCE", 3)
    hide(say(kitchen, alice, *map(str, range(8))), by=bob)
    Message.objects.update(deleted_at=timezone.now() - OLD)
    assert purging.purge()["messages"] == 8
    Room.objects.update(deleted_at=timezone.now() - OLD)
    purging.purge()
    assert not Room.objects.exists() and not Message.objects.exists()


@pytest.mark.django_db
def test_a_dry_run_lists_what_would_be_removed_and_removes_nothing(messages, vault, monkeypatch, capsys):
    Room.objects.filter(pk=vault.pk).update(deleted_at=timezone.now() - OLD)
    call_command("purge", "--dry-run")
    listed = capsys.readouterr().out
    assert "2 messages" in listed and "2 messages in kitchen" in listed and "room vault, deleted on" in listed
    monkeypatch.setattr("builtins.input", lambda question: "no")
    with pytest.raises(CommandError, match="Nothing was removed"):
        call_command("purge")
    assert purging.due()["messages"].count() == 2
    call_command("purge", "--yes")
    assert "Removed 1 rooms, 2 messages" in capsys.readouterr().out
    assert not purging.due()["messages"].exists()


async def test_an_open_page_sees_nothing_of_a_purge(server, site, kitchen, messages, bob):
    async with signed_in(server, bob).open("kitchen") as reader:
        await reader.hello()
        await reader.synced()
        texts, head = reader.texts, reader.head
        site.manage("purge", "--yes")
        await reader.post("still here")
        await reader.expect("message", text="still here")
        assert reader.texts == [*texts, "still here"] and reader.head == head + 1
        assert not reader.heard("reset")
