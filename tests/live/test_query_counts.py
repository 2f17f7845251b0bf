"""Query counts: the number of queries does not depend on the number of clients, rooms and messages."""

import uuid

import pytest
from django.contrib.sessions.backends.db import SessionStore
from django.db import connection

from chat import frames
from chat.actions import changes
from chat.actions.messages import Draft, post
from chat.live.access.identity import Identity
from chat.live.access.open_sockets import Access
from chat.live.access.revocation import check_access
from chat.models import Message, Room, User

pytestmark = pytest.mark.django_db


def drafts(room, author, count):
    return [Draft(room.pk, author.pk, uuid.uuid4(), f"message {number}") for number in range(count)]


@pytest.mark.parametrize("count", [1, 10, 50])
def test_posting_takes_four_queries_for_any_number_of_messages(
    django_assert_num_queries, alice, kitchen, count
):
    with django_assert_num_queries(4 + 2):  # two for the savepoint: the test runs in a transaction
        results = post(drafts(kitchen, alice, count))
    assert [message.seq for message in results] == list(range(1, count + 1))


def test_posting_with_a_loaded_author_takes_one_query_less(django_assert_num_queries, alice, kitchen):
    draft = Draft(kitchen.pk, alice.pk, uuid.uuid4(), "known", author=alice)
    with django_assert_num_queries(3 + 2):
        post([draft])


def test_posting_in_ten_rooms_takes_the_same_queries_as_in_one(django_assert_num_queries, alice):
    rooms = [Room.objects.create(slug=f"room{number}", name=f"Room {number}") for number in range(10)]
    with django_assert_num_queries(4 + 2):
        results = post([draft for room in rooms for draft in drafts(room, alice, 3)])
    assert [message.seq for message in results] == [1, 2, 3] * 10


def test_editing_and_deleting_take_six_queries(django_assert_num_queries, alice, kitchen):
    post(drafts(kitchen, alice, 3))
    edits = [changes.Edit(kitchen.pk, alice.pk, seq, "edited") for seq in (1, 2, 3)]
    with django_assert_num_queries(6 + 2):
        assert [message.rev for message in post(edits)] == [4, 5, 6]
    with django_assert_num_queries(6 + 2):
        assert [message.rev for message in post([changes.Delete(kitchen.pk, alice.pk, 2)])] == [7]


def test_replies_take_one_more_query(django_assert_num_queries, alice, kitchen):
    post(drafts(kitchen, alice, 1))
    replies = [Draft(kitchen.pk, alice.pk, uuid.uuid4(), "yes", reply_to=1, author=alice) for _ in range(3)]
    with django_assert_num_queries(4 + 2):
        assert [message.seq for message in post(replies)] == [2, 3, 4]


@pytest.mark.parametrize("count", [1, 20])
def test_mentions_take_five_more_queries_for_any_number_of_them(
    django_assert_num_queries, alice, bob, kitchen, count
):
    texts = [f"{number} <@{bob.pk}> <@{alice.pk}> <@999>" for number in range(count)]
    posts = [Draft(kitchen.pk, alice.pk, uuid.uuid4(), text, author=alice) for text in texts]
    locks = connection.vendor == "postgresql"  # the members, before their mentions are counted
    with django_assert_num_queries(3 + 4 + locks + 2):
        post(posts)


def test_a_history_page_takes_the_same_queries_with_replies_and_mentions(
    django_assert_num_queries, client, alice, bob, kitchen
):
    post(drafts(kitchen, alice, 1))
    client.force_login(alice, backend="django.contrib.auth.backends.ModelBackend")
    with django_assert_num_queries(5):  # session, user, room, sizes, messages
        client.get("/rooms/kitchen/messages/?limit=100")
    fields = {"reply_to": 1, "author": alice}
    post([Draft(kitchen.pk, alice.pk, uuid.uuid4(), f"{n} <@{bob.pk}>", **fields) for n in range(100)])
    post([changes.React(kitchen.pk, bob.pk, seq, "👍", True) for seq in range(2, 50)])
    with django_assert_num_queries(5):
        found = client.get("/rooms/kitchen/messages/?limit=100").json()["messages"]
    assert len([message for message in found if "quote" in message and "mentions" in message]) == 100


def test_a_duplicate_takes_no_sequence_number_even_within_one_transaction(alice, kitchen):
    (draft,) = drafts(kitchen, alice, 1)
    first, second = post([draft, draft])
    assert first is second
    (again,) = post([draft])
    kitchen.refresh_from_db()
    assert (again.seq, kitchen.head, Message.objects.count()) == (1, 1, 1)


def test_commands_of_one_transaction_run_in_order(alice, kitchen):
    post(drafts(kitchen, alice, 1))
    edit = changes.Edit(kitchen.pk, alice.pk, 1, "edited")
    edited, posted = post([edit, *drafts(kitchen, alice, 1)])
    assert (edited.rev, posted.rev) == (2, 3)


def test_the_access_check_takes_four_queries_for_any_number_of_connections(
    django_assert_num_queries, alice, bob, kitchen, vault
):
    access = {}
    for person in (alice, bob):
        session = SessionStore()
        session.save()
        identity = Identity(frames.user(person), session.session_key, hash(person.password))
        access |= {object(): Access(identity, room.pk) for room in (kitchen, vault) for _ in range(3)}
    User.objects.filter(pk=bob.pk).update(name="Bobby")
    with django_assert_num_queries(4):
        found = check_access(access)
    assert found.refused == {}
    assert [user.name for user in found.renamed.values()] == ["Bobby"]


def test_a_client_id_reused_in_another_room_is_refused_without_affecting_other_messages(
    alice, kitchen, vault
):
    key = uuid.uuid4()
    post([Draft(kitchen.pk, alice.pk, key, "here")])
    refusal, message = post([Draft(vault.pk, alice.pk, key, "there"), *drafts(vault, alice, 1)])
    assert refusal.code == "client_id_reused"
    assert message.seq == 1
