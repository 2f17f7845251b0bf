"""The archive of a room by day, its calendar, and the jump to a date."""

import re
import uuid

import pytest
from django.utils import timezone

from chat.actions.changes import Delete
from chat.actions.ignoring import ignore
from chat.actions.messages import Draft, post
from chat.models import Message
from chat.models.days import COUNTED
from chat.views.archive import PAGE_SIZE

pytestmark = pytest.mark.django_db

DAY = "/rooms/kitchen/2026/03/03/"
QUERIES_OF_A_CALENDAR = 8  # session, user, room, latest, earlier, later, counts; and one to spare


@pytest.fixture
def reader(client, alice, kitchen):
    client.force_login(alice, backend="django.contrib.auth.backends.ModelBackend")
    client.cookies["zone"] = "Asia/Jakarta"  # seven hours ahead
    return client


@pytest.fixture
def say(kitchen, alice):
    """Post messages in the kitchen with these times."""

    def say(**at):
        for text, when in at.items():
            (message,) = post([Draft(kitchen.pk, alice.pk, uuid.uuid4(), text)])
            Message.objects.filter(pk=message.pk).update(created_at=when)

    return say


def texts(page):
    return re.findall(r'class="words"><p>(.*?)</p>', page.content.decode())


def links(page, rel):
    return re.findall(rf'rel="{rel}" href="(.*?)"', page.content.decode())


def days(page):
    cells = re.findall(r"(?s)<td[^>]*>\s*<a [^>]*>(.*?)</a>", page.content.decode())
    return [" ".join(re.sub("<.*?>", "", cell).split()) for cell in cells]


def test_a_day_has_the_messages_of_the_readers_day_and_links_to_days_with_messages(reader, say):
    say(
        january="2026-01-09T10:00Z",
        before="2026-03-02T16:59Z",
        first="2026-03-02T17:00Z",
        last="2026-03-03T16:59Z",
        after="2026-05-01T00:00Z",
    )
    page = reader.get(DAY)
    assert texts(page) == ["first", "last"] and "Tuesday, 3 March 2026" in page.content.decode()
    assert links(page, "prev") == ["/rooms/kitchen/2026/03/02/"]
    assert links(page, "next") == ["/rooms/kitchen/2026/05/01/"]
    empty = reader.get("/rooms/kitchen/2026/02/01/")
    assert "Nobody wrote here" in empty.content.decode()
    assert links(empty, "prev") == ["/rooms/kitchen/2026/01/09/"]


def test_deleted_messages_are_left_out_and_those_of_ignored_people_are_folded(
    reader, say, kitchen, alice, bob
):
    say(gone="2026-03-03T01:00Z", there="2026-03-03T02:00Z")
    post([Delete(kitchen.pk, alice.pk, 1), Draft(kitchen.pk, bob.pk, uuid.uuid4(), "noise")])
    Message.objects.filter(text="noise").update(created_at="2026-03-03T03:00Z")
    ignore(alice, bob, True)
    page = reader.get(DAY).content.decode()
    assert "gone" not in page and "there" in page
    assert "<summary>Message from someone you ignore</summary>" in page


def test_a_long_day_is_paged(reader, say):
    same = "2026-03-03T01:00Z"
    say(**{f"m{n}": same for n in range(PAGE_SIZE + 3)})
    first = reader.get(DAY)
    (more,) = links(first, "next")
    rest = reader.get(DAY + more)
    assert [*texts(first), *texts(rest)] == [f"m{n}" for n in range(PAGE_SIZE + 3)]


@pytest.mark.parametrize(
    "path", ["2026/02/30", "0/1/1", "99999999999999999999/1/1", "2026/13/01", "1969/12/31"]
)
def test_days_that_do_not_exist_are_not_found(reader, path):
    assert reader.get(f"/rooms/kitchen/{path}/").status_code == 404


def test_the_archive_is_shown_only_to_those_who_see_the_room(client, vault, charlie):
    pages = ("/rooms/vault/2026/03/03/", "/rooms/vault/calendar/", "/rooms/vault/calendar/?day=2026-03-03")
    assert all("login" in client.get(page).headers["location"] for page in pages)
    client.force_login(charlie, backend="django.contrib.auth.backends.ModelBackend")
    assert [client.get(page).status_code for page in pages] == [404, 404, 404]


def test_the_calendar_counts_the_messages_of_each_day(reader, say, django_assert_max_num_queries):
    say(old="2025-12-31T01:00Z", a="2026-03-02T16:59Z", b="2026-03-02T17:00Z", c="2026-03-03T01:00Z")
    with django_assert_max_num_queries(QUERIES_OF_A_CALENDAR):
        page = reader.get("/rooms/kitchen/calendar/")
    assert "March 2026" in page.content.decode()
    assert days(page) == ["2 March 2026, 1 message", "3 March 2026, 2 messages"]
    assert f'href="{DAY}"' in page.content.decode()
    assert links(page, "prev") == ["?month=2025-12"] and links(page, "next") == []
    earlier = reader.get("/rooms/kitchen/calendar/?month=2025-12")
    assert links(earlier, "next") == ["?month=2026-03"]


def test_a_day_counts_a_bounded_number_of_messages(reader, say, kitchen, monkeypatch):
    monkeypatch.setattr("chat.models.days.COUNTED", 2)
    monkeypatch.setattr("chat.views.month.COUNTED", 2)
    say(a="2026-03-03T01:00Z", b="2026-03-03T01:00Z", c="2026-03-03T01:00Z")
    assert days(reader.get("/rooms/kitchen/calendar/")) == ["3 March 2026, 1+ messages"]
    assert COUNTED == 1_000


@pytest.mark.parametrize(
    ("day", "seq"), [("2026-01-01", 1), ("2026-03-03", 2), ("2026-03-04", 3), ("2027-01-01", 3)]
)
def test_a_jump_leads_to_the_first_message_since_then_or_to_the_last(reader, say, day, seq):
    say(a="2026-03-01T01:00Z", b="2026-03-02T17:00Z", c="2026-03-05T01:00Z")
    answer = reader.get("/rooms/kitchen/calendar/", {"day": day})
    assert answer.headers["location"] == f"/rooms/kitchen/{seq}/"


def test_a_jump_in_an_empty_room_leads_to_the_room(reader):
    assert reader.get("/rooms/kitchen/calendar/?day=2026-01-01").headers["location"] == "/rooms/kitchen/"
    assert reader.get("/rooms/kitchen/calendar/").status_code == 200


@pytest.mark.parametrize(
    "query", ["day=", "day=soon", "day=2026-02-31", "day=١-١-١", "month=", "month=2026-13"]
)
def test_odd_dates_are_not_found(reader, query):
    assert reader.get(f"/rooms/kitchen/calendar/?{query}").status_code == 404


def test_the_room_and_the_page_about_it_link_to_the_calendar(reader):
    for path in ("/rooms/kitchen/", "/rooms/kitchen/about/"):
        assert 'href="/rooms/kitchen/calendar/"' in reader.get(path).content.decode()
    assert timezone.get_current_timezone_name() == "UTC"
