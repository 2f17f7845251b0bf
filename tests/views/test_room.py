"""The page of a room as the server renders it: its content, its access control and its queries."""

import re
import uuid
from datetime import timedelta

import pytest
from django.utils import timezone

from chat.actions.changes import Delete, Edit, React
from chat.actions.messages import Draft, post
from chat.actions.reading import mark_read
from chat.models import Membership, Message, Presence, Room, User
from chat.views import room_sides

pytestmark = pytest.mark.django_db

# session, user, room, membership, sizes of the messages, people, rooms, direct conversations; plus the
# messages if there are any
QUERIES_OF_A_ROOM_PAGE = 10  # one of them: outcomes of reports to tell


def say(room, author, *texts):
    return post([Draft(room.pk, author.pk, uuid.uuid4(), text) for text in texts])


def seqs(response):
    return [int(seq) for seq in re.findall(r'id="message-(\d+)"', response.content.decode())]


@pytest.fixture
def crowd(kitchen):
    users = User.objects.bulk_create(
        User(username=f"p{n}", name=f"Person {n}", is_guest=True) for n in range(150)
    )
    Presence.objects.bulk_create(Presence(process=uuid.uuid4(), room=kitchen, user=user) for user in users)
    return users


@pytest.fixture
def reader(client, alice):
    client.force_login(alice, backend="django.contrib.auth.backends.ModelBackend")
    return client


def test_the_page_shows_the_latest_fifty_messages_in_order(reader, kitchen, alice, bob):
    say(kitchen, bob, *(f"Line {number}" for number in range(120)))
    mark_read({(kitchen.pk, alice.pk): 120})
    assert seqs(reader.get("/rooms/kitchen/")) == list(range(71, 121))


def test_the_page_carries_the_cursor_and_the_epoch(reader, kitchen, bob):
    say(kitchen, bob, "One", "Two")
    kitchen.refresh_from_db()
    page = reader.get("/rooms/kitchen/").content.decode()
    assert f'data-head="{kitchen.head}"' in page
    assert f'data-epoch="{kitchen.epoch}"' in page


@pytest.mark.parametrize("size", [0, 3, 300])
def test_the_number_of_queries_does_not_depend_on_the_size_of_the_room(
    reader, kitchen, alice, bob, django_assert_num_queries, size
):
    say(kitchen, bob, *(f"Line {number}" for number in range(size)))
    for number in range(size // 10):
        Room.objects.create(slug=f"room-{number}", name=f"Room {number}")
        Presence.objects.create(room=kitchen, user=bob, process=uuid.uuid4())
    mark_read({(kitchen.pk, alice.pk): size})
    reader.get("/rooms/kitchen/")
    with django_assert_num_queries(QUERIES_OF_A_ROOM_PAGE + (size > 0)):
        reader.get("/rooms/kitchen/")


def test_replies_mentions_and_reactions_take_no_further_query(
    reader, kitchen, alice, bob, django_assert_num_queries
):
    say(kitchen, bob, "First")
    post([Draft(kitchen.pk, bob.pk, uuid.uuid4(), f"{n} <@{alice.pk}>", reply_to=1) for n in range(60)])
    post([React(kitchen.pk, alice.pk, seq, "👍", True) for seq in range(20, 60)])
    mark_read({(kitchen.pk, alice.pk): 200})
    reader.get("/rooms/kitchen/")
    with django_assert_num_queries(QUERIES_OF_A_ROOM_PAGE + 1):
        reader.get("/rooms/kitchen/")


def test_edits_deletions_and_reactions_are_shown(reader, kitchen, alice, bob):
    first, second, third = say(kitchen, alice, "First", "Second", "Third")
    post(
        [
            Edit(kitchen.pk, alice.pk, first.seq, "Better"),
            Delete(kitchen.pk, alice.pk, second.seq),
            React(kitchen.pk, bob.pk, third.seq, "👍", True),
        ]
    )
    page = reader.get("/rooms/kitchen/").content.decode()
    rows = re.findall(r'<li class="message.*?\n</li>', page, re.S)
    assert "Better" in rows[0] and 'title="Show earlier versions">' in rows[0]
    assert "Second" not in page and '<p class="tombstone">' in rows[1]
    assert re.search(r'👍 <span class="count">1</span>', rows[2])


def test_messages_of_one_author_within_five_minutes_are_grouped(reader, kitchen, alice, bob):
    say(kitchen, bob, "One", "Two", "Three")
    say(kitchen, alice, "Four")
    Message.objects.filter(seq=1).update(created_at=timezone.now() - timedelta(minutes=6))
    page = reader.get("/rooms/kitchen/").content.decode()
    groups = re.findall(r'<li class="message([^"]*)"\s+id="message-(\d)"', page)
    assert [seq for kind, seq in groups if "continues" not in kind] == ["1", "2", "4"]
    assert [seq for kind, seq in groups if "own" in kind] == ["4"]


def test_times_are_in_the_readers_time_zone(reader, kitchen, bob):
    say(kitchen, bob, "Late")
    Message.objects.update(created_at="2026-01-31T20:30:00Z")
    reader.cookies["zone"] = "Asia/Jakarta"
    page = reader.get("/rooms/kitchen/").content.decode()
    assert ">03:30</time>" in page and 'data-day="2026-02-01"' in page
    reader.cookies["zone"] = "../../etc/passwd"
    assert ">20:30</time>" in reader.get("/rooms/kitchen/").content.decode()


def test_each_present_person_is_listed_once(reader, kitchen, alice, bob, charlie):
    for person in (alice, bob, bob):
        Presence.objects.create(room=kitchen, user=person, process=uuid.uuid4())
    Presence.objects.create(
        room=kitchen, user=charlie, process=uuid.uuid4(), seen_at=timezone.now() - timedelta(seconds=61)
    )
    page = reader.get("/rooms/kitchen/").content.decode()
    people = page[page.index('id="people"') :]
    assert re.findall(r'class="person-name[^>]*>([^<]+)<', people) == ["Alice", "Bob"]


def test_the_first_visit_to_a_public_room_creates_a_membership(client, kitchen, charlie):
    client.force_login(charlie, backend="django.contrib.auth.backends.ModelBackend")
    client.get("/rooms/kitchen/")
    assert Membership.objects.filter(room=kitchen, user=charlie).exists()


@pytest.mark.parametrize("path", ["/rooms/vault/", "/rooms/vault/1/", "/rooms/vault/messages/"])
def test_a_private_room_answers_an_outsider_as_if_it_did_not_exist(client, vault, alice, charlie, path):
    say(vault, alice, "Secret")
    client.force_login(charlie, backend="django.contrib.auth.backends.ModelBackend")
    private, missing = client.get(path), client.get(path.replace("vault", "nowhere"))
    assert private.status_code == missing.status_code == 404
    assert private.content == missing.content
    sent = client.post(path, {"text": "Let me in", "client_id": str(uuid.uuid4())})
    assert sent.status_code in (404, 405)


def test_the_form_posts_a_message_once_and_redirects_to_the_room(reader, kitchen):
    client_id = str(uuid.uuid4())
    for _ in range(2):  # reloading the response sends the form again
        answer = reader.post("/rooms/kitchen/", {"text": "By hand", "client_id": client_id})
        assert answer.status_code == 302 and answer["Location"] == "/rooms/kitchen/"
    assert Message.objects.get().text == "By hand"


def test_a_refused_message_stays_in_the_form_with_the_reason(reader, kitchen):
    client_id = str(uuid.uuid4())
    answer = reader.post("/rooms/kitchen/", {"text": "x" * 4_001, "client_id": client_id})
    page = answer.content.decode()
    assert answer.status_code == 422
    assert "longer than 4000 characters" in page
    assert "x" * 4_001 in page and client_id in page
    assert not Message.objects.exists()


def test_a_form_with_an_invalid_client_id_is_refused(reader, kitchen):
    assert reader.post("/rooms/kitchen/", {"text": "Hi", "client_id": "1"}).status_code == 400


def test_a_permalink_shows_the_messages_around_it(reader, kitchen, bob):
    say(kitchen, bob, *(f"Line {number}" for number in range(200)))
    answer = reader.get("/rooms/kitchen/100/")
    assert seqs(answer) == list(range(75, 125))
    assert 'data-later="true"' in answer.content.decode()
    for missing in ("0", "201", "9223372036854775808"):
        assert reader.get(f"/rooms/kitchen/{missing}/").status_code == 404


def test_a_room_may_have_a_name_in_any_script(reader, alice):
    from chat.actions import rooms

    room = rooms.create("台所 ночью", by=alice)
    page = reader.get(f"/rooms/{room.slug}/")
    assert page.status_code == 200 and "台所 ночью" in page.content.decode()


def test_names_topics_and_messages_are_escaped(reader, kitchen, bob):
    Room.objects.update(name="<b>x</b>", topic="<script>x</script>")
    bob.name = "<i>Bob</i>"
    bob.save()
    say(kitchen, bob, "<u>x</u>")
    page = reader.get("/rooms/kitchen/").content.decode()
    for tag in ("<b>", "<script>x", "<i>", "<u>"):
        assert tag not in page


def test_avatars_have_the_same_colour_and_initials_as_in_the_browser():
    from chat.templatetags.display import hue, initials

    assert hue("Ayu") == (65 + 121 + 117) % 12 and hue("😀") == 0x1F600 % 12
    assert [initials(name) for name in ("Ayu Lestari", "(Budi) Santoso", "мария иванова", "😀", "")] == [
        "AL", "S", "МИ", "😀", "",
    ]  # fmt: skip


def test_every_script_module_of_the_page_is_preloaded(reader, kitchen):
    from pathlib import Path

    scripts = Path(__file__).parents[2] / "chat/static/chat/js"
    needed, reached = {"room.js"}, set()
    while needed:
        name = needed.pop()
        reached.add(name)
        needed |= set(re.findall(r"from '\./(\w+\.js)';", (scripts / name).read_text())) - reached
    page = reader.get("/rooms/kitchen/").content.decode()
    preloads = r'modulepreload" fetchpriority="low" href="/static/chat/js/(\w+\.js)"'
    assert set(re.findall(preloads, page)) == reached - {"room.js"}


def test_of_a_crowd_the_page_lists_a_hundred_people_and_counts_the_others(reader, crowd, monkeypatch):
    page = reader.get("/rooms/kitchen/").content.decode()
    people = page[page.index("data-people>") :]
    listed = {int(id) for id in re.findall(r'class="person" data-id="(\d+)"', people)}
    assert {user.pk for user in crowd[:99]} < listed and len(listed) == 100
    assert "data-people-count>150</span>" in page and "<span>and 50 more</span>" in page
    assert '<a href="/rooms/kitchen/about/">See all members</a>' in page
    assert '<span class="count">99+</span><span class="visually-hidden"> here now' in page
    monkeypatch.setattr(room_sides, "MAX_COUNTED", 120)
    page = reader.get("/rooms/kitchen/").content.decode()
    assert "data-people-count>120+</span>" in page and "<span>and 20+ more</span>" in page
    assert room_sides.shown_number(1900, has_more=False) == "1,900"
