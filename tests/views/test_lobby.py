"""The lobby: the rooms that a user can see, and their unread messages."""

import re
import uuid

import pytest

from chat.actions.messages import Draft, post
from chat.models import Membership, Presence, Room

pytestmark = pytest.mark.django_db

# Session, user, reports to tell of, ids of the rooms on the page, of those apart, of direct conversations,
# these, the newest.
QUERIES_OF_THE_LOBBY = 8
ROW_BYTES = 2_500  # of HTML for one room


@pytest.fixture
def reader(client, alice):
    client.force_login(alice, backend="django.contrib.auth.backends.ModelBackend")
    return client


def say(room, author, count):
    post([Draft(room.pk, author.pk, uuid.uuid4(), f"Line {number}") for number in range(count)])


def row(page, slug):
    found = re.search(rf'<li class="room-row[^>]*data-slug="{slug}".*?</li>', page.content.decode(), re.S)
    return found[0] if found else None


def test_private_rooms_are_listed_for_their_members_only(client, vault, kitchen, alice, charlie):
    for person, visible in ((alice, True), (charlie, False)):
        client.force_login(person, backend="django.contrib.auth.backends.ModelBackend")
        page = client.get("/")
        assert (row(page, "vault") is not None) is visible
        assert row(page, "kitchen") is not None


def test_each_room_shows_the_number_of_people_present_and_of_unread_messages(reader, kitchen, alice, bob):
    Membership.objects.filter(room=kitchen, user=alice).update(last_read=2)
    say(kitchen, bob, 5)
    for _ in range(2):
        Presence.objects.create(room=kitchen, user=bob, process=uuid.uuid4())
    found = row(reader.get("/"), "kitchen")
    assert re.search(r'(?s)room-people" [^>]*>.*?class="count">1<', found)
    assert re.search(r'(?s)unread-count">\s*<span class="count">3<', found)


def test_more_than_99_unread_messages_are_shown_as_99_plus(reader, kitchen, bob):
    say(kitchen, bob, 150)
    assert '<span class="count">99+</span>' in row(reader.get("/"), "kitchen")


def test_the_room_with_the_latest_message_comes_first(reader, alice, bob, kitchen, vault):
    say(vault, bob, 1)
    say(kitchen, bob, 1)
    Room.objects.create(slug="attic", name="Attic")
    slugs = re.findall(r'data-slug="([^"]+)"', reader.get("/").content.decode())
    assert slugs == ["kitchen", "vault", "attic"]


@pytest.mark.parametrize("rooms", [0, 40, 130])
def test_the_number_of_queries_does_not_depend_on_the_number_of_rooms(
    reader, kitchen, alice, bob, django_assert_num_queries, rooms
):
    for number in range(rooms):
        room = Room.objects.create(slug=f"room-{number}", name=f"Room {number}")
        Membership.objects.create(room=room, user=alice)
        say(room, alice, 1)
    reader.get("/")
    with django_assert_num_queries(QUERIES_OF_THE_LOBBY):
        reader.get("/")


def slugs(page):
    return re.findall(r'data-slug="([^"]+)"', page.content.decode())


def links(page):
    return dict(re.findall(r'<a rel="(prev|next)" href="([^"]+)"', page.content.decode()))


def test_the_lobby_is_paged_and_every_room_is_on_one_page(reader, kitchen):
    Room.objects.bulk_create(Room(slug=f"room-{n}", name=f"Room {n}") for n in range(119))
    found, path = [], "/"
    while path:
        page = reader.get(path)
        assert len(page.content) < 50 * ROW_BYTES
        found.append(slugs(page))
        path = links(page).get("next")
    assert [len(each) for each in found] == [50, 50, 20]
    assert len({slug for each in found for slug in each}) == 120
    assert links(page)["prev"] == "/?page=2"
    assert links(reader.get("/?page=2"))["prev"] == "/"


def test_the_readers_own_rooms_come_first(reader, bob, kitchen):
    Room.objects.bulk_create(Room(slug=f"room-{n}", name=f"Room {n}") for n in range(60))
    for room in Room.objects.exclude(pk=kitchen.pk):
        say(room, bob, 1)
    assert slugs(reader.get("/"))[0] == "kitchen"


def test_only_the_first_page_shows_new_rooms_as_they_are_created(reader, kitchen, vault):
    Room.objects.bulk_create(Room(slug=f"room-{n}", name=f"Room {n}") for n in range(60))
    newest = Room.objects.order_by("pk").last().pk
    first = reader.get("/").content.decode()
    assert f'data-newest="{newest}"' in first and 'data-template="room"' in first
    for path in ("/?page=2", "/?q=room"):
        page = reader.get(path).content.decode()
        assert "data-newest" not in page and 'data-template="room"' not in page


def test_rooms_are_searched_by_name(reader, kitchen, vault, charlie, client):
    Room.objects.bulk_create(Room(slug=f"room-{n}", name=f"Room & {n}") for n in range(70))
    assert slugs(reader.get("/?q=KITCH")) == ["kitchen"]
    assert links(reader.get("/?q=room+%26"))["next"] == "/?q=room+%26&amp;page=2"
    assert len(slugs(reader.get("/?q=room+%26&page=2"))) == 20
    assert "No room is called" in reader.get("/?q=%00").content.decode()
    assert slugs(reader.get("/?q=" + "x" * 5_000)) == []
    client.force_login(charlie, backend="django.contrib.auth.backends.ModelBackend")
    assert slugs(client.get("/?q=vault")) == []


@pytest.mark.parametrize("number", ["0", "-1", "2", "x", "9" * 30, "²"])
def test_an_invalid_page_number_is_not_found(reader, kitchen, number):
    assert reader.get("/", {"page": number}).status_code == 404


def test_an_empty_lobby_says_that_there_are_no_rooms(reader):
    assert "There are no rooms yet." in reader.get("/").content.decode()


def test_creating_a_room_redirects_to_it(reader):
    answer = reader.post("/rooms/new/", {"name": "Kebun", "topic": "Beds", "kind": "public"})
    assert answer.status_code == 302 and answer["Location"] == "/rooms/kebun/"
    assert row(reader.get("/"), "kebun")


def test_a_room_without_a_name_is_refused_beside_the_field(reader):
    answer = reader.post("/rooms/new/", {"name": " ", "topic": "Kept", "kind": "public"})
    assert answer.status_code == 422
    assert "Enter a room name." in answer.content.decode() and "Kept" in answer.content.decode()


def test_users_who_may_not_create_rooms_see_no_link_to_the_form(reader, settings):
    settings.OBROLAN_ROOM_CREATION = "staff"
    assert "/rooms/new/" not in reader.get("/").content.decode()
    answer = reader.post("/rooms/new/", {"name": "Kebun", "topic": "", "kind": "public"})
    assert answer.status_code == 422 and not Room.objects.exists()


@pytest.mark.parametrize(
    ("path", "status", "title"),
    [("/nowhere/", 404, "Page not found"), ("/rooms/nowhere/", 404, "Page not found")],
)
def test_a_missing_page_shows_our_error_page(reader, path, status, title):
    answer = reader.get(path)
    assert answer.status_code == status
    assert title in answer.content.decode() and "Go to the rooms" in answer.content.decode()


@pytest.mark.parametrize("name", ["400", "403", "403_csrf", "404", "500", "503"])
def test_every_error_page_renders_without_a_request(name):
    """Django renders some of them without a request, when little else works."""
    from django.template.loader import render_to_string

    page = render_to_string(f"{name}.html", {})
    assert "<h1>" in page and 'href="/"' in page and "!" not in re.sub(r"<![^>]*>", "", page)


def test_a_form_without_a_csrf_token_gets_a_page_that_says_what_happened(alice):
    from django.test import Client

    strict = Client(enforce_csrf_checks=True)
    strict.force_login(alice, backend="django.contrib.auth.backends.ModelBackend")
    answer = strict.post("/rooms/new/", {"name": "x"})
    assert answer.status_code == 403 and "Your form was not sent: it had expired" in answer.content.decode()
