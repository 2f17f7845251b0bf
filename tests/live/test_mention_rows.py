"""Mentions: the rows and the unread counts that follow from posts, edits, deletions, undo and read marks."""

import threading
import uuid
from datetime import timedelta

import pytest
from django.db import connection

from chat.actions import members
from chat.actions.changes import Delete, Edit, Restore
from chat.actions.messages import Draft, post
from chat.actions.reading import mark_read, mark_unread
from chat.models import Membership, Mention, Message, Room, User
from chat.models.room_queries import UNREAD_COUNTED

DEADLOCK_RUNS = 20
MEMBERS = 30  # in the test of deadlocks


def say(room, writer, text, **fields):
    return post([Draft(room.pk, writer.pk, uuid.uuid4(), text, **fields)])[0]


def unread(user, room):
    return Membership.objects.get(user=user, room=room).mentions


def mentioned(message):
    return set(Mention.objects.filter(message=message).values_list("user__name", flat=True))


@pytest.fixture
def message(kitchen, alice, bob):
    return say(kitchen, alice, f"<@{bob.pk}> and <@{alice.pk}>")


@pytest.mark.django_db
class TestRows:
    def test_a_mention_counts_for_the_member_and_not_for_the_author(self, message, kitchen, alice, bob):
        assert mentioned(message) == {"Bob"}
        assert (unread(bob, kitchen), unread(alice, kitchen)) == (1, 0)
        assert Message.objects.get().mentions == [bob.pk, alice.pk]

    def test_people_outside_and_unknown_ids_are_not_mentioned(self, kitchen, alice, bob, charlie):
        message = say(kitchen, alice, f"<@{charlie.pk}> <@{10**17}> <@all-> `<@{bob.pk}>`")
        assert (mentioned(message), message.mentions) == (set(), [])
        assert "@unknown" in html_of(message) and "Charlie" not in html_of(message)

    def test_a_person_who_ignores_the_author_is_not_notified(self, kitchen, alice, bob):
        User.objects.filter(pk=bob.pk).update(ignored=[alice.pk])
        message = say(kitchen, alice, f"<@{bob.pk}>")
        assert (mentioned(message), unread(bob, kitchen)) == (set(), 0)
        assert "@Bob" in html_of(message)

    def test_edits_move_the_mention(self, message, kitchen, alice, bob):
        post([Edit(kitchen.pk, alice.pk, message.seq, "nobody")])
        assert (mentioned(message), unread(bob, kitchen)) == (set(), 0)
        post([Edit(kitchen.pk, alice.pk, message.seq, f"<@{bob.pk}> again")])
        assert (mentioned(message), unread(bob, kitchen)) == ({"Bob"}, 1)

    def test_two_changes_in_one_transaction_leave_no_row_behind(self, message, kitchen, alice, bob):
        edit = Edit(kitchen.pk, alice.pk, message.seq, "nobody")
        post([edit, Delete(kitchen.pk, alice.pk, message.seq)])
        assert (mentioned(message), unread(bob, kitchen)) == (set(), 0)
        post([Restore(kitchen.pk, alice.pk, message.seq)])
        assert (mentioned(message), unread(bob, kitchen)) == (set(), 0)

    def test_two_edits_in_one_transaction_leave_no_row_behind(self, message, kitchen, alice, bob):
        post([Edit(kitchen.pk, alice.pk, message.seq, text) for text in ("one", "two")])
        assert (mentioned(message), unread(bob, kitchen)) == (set(), 0)

    def test_a_deletion_removes_the_mention_and_undo_brings_it_back(self, message, kitchen, alice, bob):
        post([Delete(kitchen.pk, alice.pk, message.seq)])
        assert (mentioned(message), unread(bob, kitchen)) == (set(), 0)
        post([Restore(kitchen.pk, alice.pk, message.seq)])
        assert (mentioned(message), unread(bob, kitchen)) == ({"Bob"}, 1)

    def test_undo_does_not_mention_people_who_have_left(self, message, kitchen, alice, bob):
        post([Delete(kitchen.pk, alice.pk, message.seq)])
        members.remove(kitchen, bob, by=bob)
        post([Restore(kitchen.pk, alice.pk, message.seq)])
        assert mentioned(message) == set()

    def test_restoring_many_messages_takes_no_query_for_each(
        self, django_assert_max_num_queries, kitchen, alice, bob
    ):
        posted = [say(kitchen, alice, f"<@{bob.pk}> {number}") for number in range(20)]
        post([Delete(kitchen.pk, alice.pk, message.seq) for message in posted])
        with django_assert_max_num_queries(16):
            post([Restore(kitchen.pk, alice.pk, message.seq) for message in posted])
        assert unread(bob, kitchen) == 20

    def test_a_repeated_post_counts_once(self, kitchen, alice, bob):
        draft = Draft(kitchen.pk, alice.pk, uuid.uuid4(), f"<@{bob.pk}>")
        post([draft])
        post([draft, draft])
        assert unread(bob, kitchen) == 1

    def test_read_marks_and_unread_marks_count_again(self, kitchen, alice, bob):
        for number in range(4):
            say(kitchen, alice, f"<@{bob.pk}> {number}")
        mark_read({(kitchen.pk, bob.pk): 3})
        assert unread(bob, kitchen) == 1
        mark_read({(kitchen.pk, bob.pk): 4})
        assert unread(bob, kitchen) == 0
        mark_unread({(kitchen.pk, bob.pk): 2})
        assert unread(bob, kitchen) == 3
        mark_unread({(kitchen.pk, bob.pk): 4})  # a mark that moves forward is ignored
        assert unread(bob, kitchen) == 3

    def test_the_count_is_bounded(self, kitchen, alice, bob):
        post([Draft(kitchen.pk, alice.pk, uuid.uuid4(), f"<@{bob.pk}> {n}") for n in range(150)])
        assert unread(bob, kitchen) == UNREAD_COUNTED

    def test_fifty_mentions_of_a_text_count_and_further_ones_stay_text(self, kitchen, alice, bob):
        message = say(kitchen, alice, "<@999> " * 50 + f"<@{bob.pk}>")
        assert (mentioned(message), unread(bob, kitchen)) == (set(), 0)
        assert message.html.count("<span") == 50 and f"&lt;@{bob.pk}&gt;" in message.html


def html_of(message):
    from chat import frames

    return frames.message(Message.objects.with_state().get(pk=message.pk)).html


@pytest.mark.django_db
class TestPermissions:
    @pytest.mark.parametrize(
        ("setting", "member", "moderator"),
        [("moderators", "not_all", "ok"), ("everyone", "ok", "ok"), ("nobody", "not_all", "not_all")],
    )
    def test_the_room_decides_who_may_mention_all(self, kitchen, alice, bob, setting, member, moderator):
        Room.objects.update(mention_all=setting)
        results = [say(kitchen, person, "<@all>") for person in (alice, bob)]
        assert [getattr(result, "code", "ok") for result in results] == [member, moderator]

    def test_a_site_moderator_may_mention_all_through_a_socket_too(self, kitchen, charlie):
        charlie.is_staff = True
        charlie.save()
        known = User(pk=charlie.pk, name="Charlie", is_guest=False)  # as a socket knows its author
        assert say(kitchen, charlie, "<@all>", author=known).mentions_all

    def test_a_site_moderator_may_not_post_in_a_private_room_of_others(self, vault, charlie):
        charlie.is_staff = charlie.is_superuser = True
        charlie.save()
        assert say(vault, charlie, "hello").code == "no_room"
        assert say(vault, charlie, "<@all>").code == "no_room"

    def test_an_author_takes_back_a_deletion_for_a_minute(self, message, kitchen, alice):
        restore = Restore(kitchen.pk, alice.pk, message.seq)
        post([Delete(kitchen.pk, alice.pk, message.seq)])
        assert post([restore])[0].deleted_at is None
        assert post([restore])[0].rev == 3  # without an effect
        post([Delete(kitchen.pk, alice.pk, message.seq)])
        stored = Message.objects.get()
        Message.objects.update(deleted_at=stored.deleted_at - timedelta(seconds=61))
        assert post([restore])[0].code == "too_late"

    def test_an_author_does_not_take_back_what_a_moderator_hid(self, message, kitchen, alice, bob, charlie):
        post([Delete(kitchen.pk, bob.pk, message.seq)])
        assert post([Restore(kitchen.pk, alice.pk, message.seq)])[0].code == "not_yours"
        Message.objects.update(deleted_by=None)  # the moderator's account was deleted
        assert post([Restore(kitchen.pk, alice.pk, message.seq)])[0].code == "not_yours"
        assert post([Restore(kitchen.pk, bob.pk, message.seq)])[0].deleted_at is None

    def test_others_do_not_restore(self, message, kitchen, alice, charlie):
        post([Delete(kitchen.pk, alice.pk, message.seq)])
        assert post([Restore(kitchen.pk, charlie.pk, message.seq)])[0].code == "not_yours"


@pytest.mark.django_db
def test_each_edit_keeps_the_version_before_it(message, kitchen, alice, bob):
    first = message.text
    post([Edit(kitchen.pk, alice.pk, message.seq, "two"), Edit(kitchen.pk, alice.pk, message.seq, "three")])
    post([Edit(kitchen.pk, alice.pk, message.seq, "three"), Edit(kitchen.pk, bob.pk, message.seq, "no")])
    kept = message.versions.order_by("pk")
    assert list(kept.values_list("text", "html")) == [(first, message.html), ("two", "<p>two</p>")]
    assert all(version.replaced_at <= Message.objects.get().edited_at for version in kept)


@pytest.mark.django_db(transaction=True)
def test_posts_that_mention_and_marks_of_the_same_members_do_not_deadlock(stack, kitchen, alice):
    if not stack.full:
        pytest.skip("SQLite locks the whole database")
    people = User.objects.bulk_create(
        User(username=f"p{n}", name=f"P{n}", name_key=f"p{n}") for n in range(MEMBERS)
    )
    Membership.objects.bulk_create(Membership(room=kitchen, user=person) for person in people)
    ids = [person.pk for person in people]
    errors: list[Exception] = []

    def repeat(act):
        try:
            for number in range(DEADLOCK_RUNS):
                act(number)
        except Exception as error:
            errors.append(error)
        finally:
            connection.close()

    def post_mentions(order):
        return lambda number: [say(kitchen, alice, " ".join(f"<@{id}>" for id in order))]

    def marks(act, order):
        return lambda number: act({(kitchen.pk, id): number * 2 + 1 for id in order})

    acts = [
        post_mentions(ids), post_mentions(ids[::-1]), marks(mark_read, ids), marks(mark_read, ids[::-1]),
        marks(mark_unread, ids), marks(mark_unread, ids[::-1]),
    ]  # fmt: skip
    threads = [threading.Thread(target=repeat, args=[act]) for act in acts]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert errors == []
    assert Message.objects.count() == 2 * DEADLOCK_RUNS
    for membership in Membership.objects.filter(user__in=ids):
        rows = Mention.objects.filter(user=membership.user_id, seq__gt=membership.last_read)
        assert membership.mentions == rows.count()
