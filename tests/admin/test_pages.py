"""Every page of the admin opens, with few queries, for moderators and administrators."""

from datetime import timedelta
from uuid import uuid4

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from chat.actions import reports, sanctions
from chat.actions.messages import Draft, post
from chat.models import HeldMessage, Invitation, Rule, Sanction, User

pytestmark = pytest.mark.django_db
MAX_QUERIES = 15  # of one page, with the session and the user
LISTS = [
    "message", "user", "room", "membership", "case", "sanction", "heldmessage", "rule", "invitation",
    "auditentry",
]  # fmt: skip
CHANGED = ["message", "user", "room", "membership", "case", "sanction", "heldmessage", "auditentry"]


@pytest.fixture
def mara(database):
    """A moderator of the site who is a member of no room."""
    return User.objects.create_user("mara", name="Mara", is_staff=True)


@pytest.fixture
def rut(database):
    return User.objects.create_superuser("rut", name="Rut")


@pytest.fixture
def sample(kitchen, vault, alice, bob, charlie, mara):
    """One row of each kind, with everything that a page shows."""
    said, secret = post([Draft(room.pk, alice.pk, uuid4(), f"Words in {room}") for room in (kitchen, vault)])
    reports.report_message(said, by=bob, reason="spam", words="Again and again")
    mute = sanctions.impose(
        Sanction.MUTE, alice, by=mara, room=kitchen, reason="Calm down", duration=timedelta(hours=1)
    )
    sanctions.appeal(mute, "I am calm", person=alice)
    HeldMessage.objects.create(
        room=kitchen, author=charlie, client_id=uuid4(), text="First words", cause="a word rule"
    )
    Rule.objects.create(pattern="spam", by=mara)
    Invitation.objects.create(digest="x", made_by=mara, expires_at=mute.ends_at)
    return said, secret


def log_in(client, user):
    client.force_login(user, backend="django.contrib.auth.backends.ModelBackend")
    return client


def open_page(client, path):
    client.get(path)  # fills Django's caches
    with CaptureQueriesContext(connection) as captured:
        page = client.get(path)
    assert page.status_code == 200, path
    assert len(captured) <= MAX_QUERIES, f"{path}: {len(captured)}\n" + "\n".join(
        query["sql"][:200] for query in captured
    )
    return page.content.decode()


@pytest.mark.parametrize("person", ["mara", "rut"])
def test_the_index_shows_what_needs_attention(client, request, sample, person):
    page = open_page(log_in(client, request.getfixturevalue(person)), "/admin/")
    for words in ("Open cases", "Your cases", "Appeals", "Held messages", "end today", "Newcomers"):
        assert words in page
    for row in ("Words in Kitchen", "Mute of Alice", "First words", "Charlie"):
        assert row in page
    assert "Authentication and Authorization" not in page and "Axes" not in page


@pytest.mark.parametrize("rows", LISTS)
def test_a_list_opens_with_few_queries(client, sample, rut, rows):
    for person in (rut, User.objects.get(username="mara")):
        page = open_page(log_in(client, person), f"/admin/chat/{rows}/")
        assert "<table" in page


@pytest.mark.parametrize("rows", LISTS)
def test_an_empty_list_says_so(client, rut, rows):
    log_in(client, rut)
    path = f"/admin/chat/{rows}/" + ("?name=nobody-here" if rows == "user" else "")
    assert "Nothing " in open_page(client, path)


@pytest.mark.parametrize("rows", CHANGED)
def test_a_row_opens_with_few_queries(client, sample, rut, rows):
    from django.apps import apps

    for person in (rut, User.objects.get(username="mara")):
        log_in(client, person)
        for row in apps.get_model("chat", rows).objects.all():
            open_page(client, f"/admin/chat/{rows}/{row.pk}/change/")


@pytest.mark.parametrize("rows", ["room", "membership", "user", "invitation", "rule"])
def test_a_page_that_adds_a_row_opens(client, sample, rut, rows):
    open_page(log_in(client, rut), f"/admin/chat/{rows}/add/")
