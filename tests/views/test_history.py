"""`/rooms/<slug>/messages/`: pages of history, and posting over HTTP."""

import json
import uuid

import msgspec
import pytest

from chat import frames
from chat.actions.changes import Delete, Restore
from chat.actions.messages import Draft, post
from chat.models import Message
from chat.views.history import BYTES

pytestmark = pytest.mark.django_db

QUERIES_PER_PAGE = 5  # session, user, room, sizes of the messages, messages


@pytest.fixture
def history(kitchen, bob):
    post([Draft(kitchen.pk, bob.pk, uuid.uuid4(), f"Line {number}") for number in range(1, 201)])


@pytest.fixture
def get_page(client, alice, kitchen):
    client.force_login(alice, backend="django.contrib.auth.backends.ModelBackend")

    def get(query=""):
        answer = client.get(f"/rooms/kitchen/messages/{query}")
        return answer.status_code, answer.json()

    return get


@pytest.mark.parametrize(
    ("query", "first", "last", "more"),
    [
        ("", 151, 200, True),
        ("?before=100", 50, 99, True),
        ("?before=51", 1, 50, False),
        ("?before=100&limit=10", 90, 99, True),
        ("?after=100", 101, 150, True),
        ("?after=150", 151, 200, False),
        ("?around=100&limit=10", 95, 104, True),
        ("?around=100&limit=1", 100, 100, True),
        ("?around=3&limit=10", 1, 7, True),
        ("?limit=100", 101, 200, True),
        ("?limit=100000", 101, 200, True),
    ],
)
def test_pages_are_in_order_and_say_whether_there_is_more(get_page, history, query, first, last, more):
    status, answer = get_page(query)
    assert status == 200
    assert [message["seq"] for message in answer["messages"]] == list(range(first, last + 1))
    assert answer["more"] is more
    assert answer["head"] == 200


@pytest.mark.parametrize("query", ["?before=1", "?after=200", "?after=9007199254740991"])
def test_a_page_beyond_either_end_is_empty(get_page, history, query):
    status, answer = get_page(query)
    assert status == 200 and answer["messages"] == [] and answer["more"] is False


def test_a_page_is_bounded_in_bytes_and_says_whether_there_is_more(get_page, kitchen, bob):
    """A hundred messages of 4,000 emoji would be 3 MB."""
    post([Draft(kitchen.pk, bob.pk, uuid.uuid4(), "😀" * 4_000) for _ in range(60)])
    seen, before, more = [], 61, True
    while more:
        _, answer = get_page(f"?before={before}&limit=100")
        assert sum(len(m["text"].encode()) + len(m["html"].encode()) for m in answer["messages"]) <= BYTES
        seen = [message["seq"] for message in answer["messages"]] + seen
        before, more = seen[0], answer["more"]
    assert seen == list(range(1, 61))
    _, answer = get_page("?after=0&limit=100")
    assert [m["seq"] for m in answer["messages"]] == [1, 2, 3, 4, 5, 6, 7, 8] and answer["more"]
    _, answer = get_page("?around=30&limit=100")
    assert 30 in [m["seq"] for m in answer["messages"]] and answer["more"] and len(answer["messages"]) <= 8


def test_a_message_above_the_bound_is_returned_alone(get_page, kitchen, bob):
    post([Draft(kitchen.pk, bob.pk, uuid.uuid4(), "x") for _ in range(3)])
    Message.objects.filter(seq=2).update(html="x" * (BYTES + 1))
    answers = [get_page(f"?before={seq}")[1] for seq in (4, 3, 2)]
    assert [[m["seq"] for m in answer["messages"]] for answer in answers] == [[3], [2], [1]]
    assert [answer["more"] for answer in answers] == [True, True, False]


def test_a_message_has_the_same_shape_as_in_a_frame(get_page, history):
    _, answer = get_page("?limit=1")
    message = msgspec.convert(answer["messages"][0], frames.MessageState)
    assert message == frames.message(Message.objects.with_state().get(seq=200))


def test_a_message_says_whether_its_author_deleted_it_or_a_moderator_hid_it(get_page, kitchen, alice, bob):
    def stored():
        return get_page("")[1]["messages"][0]

    (message,) = post([Draft(kitchen.pk, alice.pk, uuid.uuid4(), "Words")])
    assert stored()["deleted"] is False and stored()["hidden"] is False
    for actor, hidden in ((alice, False), (bob, True)):
        post([Delete(kitchen.pk, actor.pk, message.seq)])
        assert stored()["deleted"] is True and stored()["hidden"] is hidden
        post([Restore(kitchen.pk, bob.pk, message.seq)])
        assert stored()["deleted"] is False and stored()["hidden"] is False


@pytest.mark.parametrize(
    "query",
    [
        "?before=x", "?before=-1", "?before=", "?before=1.5", "?before=9223372036854775808",
        "?before=%00", "?before=٣x", "?limit=0", "?limit=-5", "?limit=x", "?before=1&after=2",
    ],
)  # fmt: skip
def test_an_invalid_query_is_refused_with_a_readable_error(get_page, history, query):
    status, answer = get_page(query)
    assert status == 400
    assert answer["type"] == "error" and answer["code"] == "malformed" and answer["message"].endswith(".")


def test_the_number_of_queries_does_not_depend_on_the_size_of_the_page(
    get_page, history, django_assert_num_queries
):
    for query in ("?limit=1", "?limit=100", "?before=150"):
        with django_assert_num_queries(QUERIES_PER_PAGE):
            get_page(query)


def test_a_request_without_a_session_is_refused(client, history):
    answer = client.get("/rooms/kitchen/messages/")
    assert answer.status_code == 401 and answer.json()["code"] == "sign_in"


def send(client, body, room="kitchen"):
    data = body if isinstance(body, bytes) else json.dumps(body)
    return client.post(f"/rooms/{room}/messages/", data, content_type="application/json")


def test_a_repeated_post_is_acknowledged_twice_and_stored_once(client, alice, kitchen):
    client.force_login(alice, backend="django.contrib.auth.backends.ModelBackend")
    body = {"type": "post", "id": str(uuid.uuid4()), "text": "Hello"}
    first, second = send(client, body), send(client, body)
    assert first.status_code == second.status_code == 201
    assert first.json() == second.json() == {"type": "ack", "id": body["id"], "seq": 1, "rev": 1}
    assert Message.objects.count() == 1


@pytest.mark.parametrize(
    ("body", "status", "code"),
    [
        ({"id": str(uuid.uuid4()), "text": " "}, 422, "empty"),
        ({"id": str(uuid.uuid4()), "text": "x" * 4_001}, 422, "too_long"),
        ({"id": "1", "text": "x"}, 400, "malformed"),
        ({"id": str(uuid.uuid4()), "text": "x", "room": "vault"}, 400, "malformed"),
        ({"id": str(uuid.uuid4())}, 400, "malformed"),
        (b"", 400, "malformed"),
        (b"\xff", 400, "malformed"),
        (b"[" * 10_000, 400, "malformed"),
        (b'{"text": "' + b"x" * 20_000 + b'"}', 413, "too_big"),
    ],
)
def test_an_invalid_post_is_refused_with_its_error_code(client, alice, kitchen, body, status, code):
    client.force_login(alice, backend="django.contrib.auth.backends.ModelBackend")
    answer = send(client, body)
    assert (answer.status_code, answer.json()["code"]) == (status, code)
    assert not Message.objects.exists()


def test_an_outsider_cannot_post_to_a_private_room(client, charlie, vault):
    client.force_login(charlie, backend="django.contrib.auth.backends.ModelBackend")
    answer = send(client, {"id": str(uuid.uuid4()), "text": "Hi"}, room="vault")
    assert answer.status_code == 404 and answer.json()["code"] == "no_room"


def test_a_post_needs_a_csrf_token(alice, kitchen):
    from django.test import Client

    strict = Client(enforce_csrf_checks=True)
    strict.force_login(alice, backend="django.contrib.auth.backends.ModelBackend")
    assert send(strict, {"id": str(uuid.uuid4()), "text": "Hi"}).status_code == 403
