"""The lists stay fast at a million messages: the number of queries is fixed, and each uses an index."""

from datetime import UTC, datetime, timedelta
from uuid import uuid4

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from chat.admin.pages import COUNTED
from chat.models import Membership, Message, Room, User

pytestmark = pytest.mark.django_db
LISTS = [
    "message", "room", "membership", "user", "invitation", "case", "sanction", "heldmessage", "rule",
    "auditentry",
]  # fmt: skip
SEARCHES = [
    {"words": "tomato"},
    {"person": "alice"},
    {"person": "ALICE", "room": "Kitchen"},
    {"room": "kitchen"},
    {"room": "kitchen", "person": "alice", "words": "tomato"},
]


@pytest.fixture
def root(client):
    client.force_login(User.objects.create_superuser("rut"))
    return client


@pytest.mark.parametrize("rows", LISTS)
def test_a_list_needs_the_same_number_of_queries_with_few_rows_and_with_many(root, alice, kitchen, rows):
    fill(kitchen, alice, 5)
    few = queries(root, f"/admin/chat/{rows}/")
    fill(kitchen, alice, 60)
    assert len(queries(root, f"/admin/chat/{rows}/")) == len(few)


@pytest.mark.parametrize("rows", LISTS)
def test_no_list_counts_all_its_rows(root, alice, kitchen, rows):
    for query in queries(root, f"/admin/chat/{rows}/"):
        assert "COUNT(" not in query or f"LIMIT {COUNTED}" in query, query


@pytest.mark.parametrize("search", SEARCHES)
def test_messages_are_found_by_words_author_and_room(root, alice, bob, kitchen, vault, search):
    fill(kitchen, alice, 10)
    fill(vault, bob, 10)
    Message.objects.filter(room=kitchen, seq=7).update(text="a ripe tomato")
    found = root.get("/admin/chat/message/", search).context["cl"].result_list
    assert 0 < len(found) < 20
    assert ("kitchen", 7) in {(message.room.slug, message.seq) for message in found}


@pytest.mark.parametrize(
    "search",
    [
        {"room": "nowhere"},
        {"person": "nobody"},
        {"words": "%"},
        {"words": "\0"},
        {"state": "nothing"},
        {"since": "9999-12-31"},
        {"until": "9999-12-31"},
        {"words": "x" * 5_000},
        {"p": "99999999999999999999"},
    ],
)
def test_a_search_that_is_invalid_or_finds_nothing_still_shows_the_list(root, kitchen, alice, search):
    fill(kitchen, alice, 3)
    assert root.get("/admin/chat/message/", search).status_code == 200


def test_messages_are_found_by_the_days_on_which_they_were_posted(root, alice, kitchen):
    fill(kitchen, alice, 40, start=datetime(2024, 12, 20, tzinfo=UTC), step=timedelta(days=1))

    def found(**days):
        return len(root.get("/admin/chat/message/", days).context["cl"].result_list)

    assert found(since="2025-01-02", until="2025-01-02") == 1
    assert found(since="2025-01-20") == 9
    assert found(until="2024-12-31") == 12


def test_a_day_that_is_none_is_refused_beside_its_field(root, alice, kitchen):
    fill(kitchen, alice, 3)
    page = root.get("/admin/chat/message/", {"since": "yesterday", "person": "nobody"})
    assert "search_since_error" in page.content.decode()
    assert not page.context["cl"].result_list


def test_the_list_of_messages_uses_its_index(alice, kitchen):
    fill(kitchen, alice, 300)
    newest = Message.objects.order_by("-created_at", "-pk")[:50]
    if connection.vendor == "postgresql":
        with connection.cursor() as cursor:
            cursor.execute("SET LOCAL enable_seqscan = off")
    assert "messages_by_date" in newest.explain()


def test_the_page_of_a_room_or_an_account_does_not_load_its_members_or_messages(root, alice, kitchen):
    fill(kitchen, alice, 5)
    paths = [f"/admin/chat/room/{kitchen.pk}/change/", f"/admin/chat/user/{alice.pk}/change/"]
    for path in paths:
        root.get(path)  # fill Django's cache of content types
    few = [len(queries(root, path)) for path in paths]
    people = User.objects.bulk_create(
        User(username=f"p{n}", name=f"P {n}", name_key=f"p{n}") for n in range(60)
    )
    Membership.objects.bulk_create(Membership(room=kitchen, user=person) for person in people)
    fill(kitchen, alice, 60)
    assert [len(queries(root, path)) for path in paths] == few
    assert all(len(root.get(path).content) < 60_000 for path in paths)


def fill(room, author, count, start=datetime(2026, 1, 1, tzinfo=UTC), step=timedelta(seconds=1)):
    first = Room.objects.get(pk=room.pk).head + 1
    Message.objects.bulk_create(
        Message(
            room=room, author=author, seq=seq, rev=seq, client_id=uuid4(), text=f"message {seq}",
            html="", html_version=1, created_at=start + step * (seq - first),
        )
        for seq in range(first, first + count)
    )  # fmt: skip
    Room.objects.filter(pk=room.pk).update(head=first + count - 1)


def queries(client, path):
    with CaptureQueriesContext(
        connection,
    ) as captured:
        assert client.get(path).status_code == 200
    return [query["sql"] for query in captured]
