"""The mentions page, the members that complete `@`, and mentions in the rendered room and lobby."""

import re
import uuid
from datetime import timedelta

import pytest

from chat.actions import sanctions
from chat.actions.changes import Delete
from chat.actions.ignoring import ignore
from chat.actions.messages import Draft, post
from chat.models import Membership, Message, Presence, Room, User
from chat.models.people_search import FOUND
from chat.views.mentions import PAGE_SIZE

pytestmark = pytest.mark.django_db

QUERIES_OF_THE_MENTIONS_PAGE = 5  # session, user, ids by name and of all, the messages
QUERIES_OF_A_SEARCH = 4  # session, user, room, members


@pytest.fixture
def reader(client, alice):
    client.force_login(alice, backend="django.contrib.auth.backends.ModelBackend")
    return client


def say(room, author, *texts):
    return post([Draft(room.pk, author.pk, uuid.uuid4(), text) for text in texts])


def excerpts(page):
    return [text.strip() for text in re.findall(r'(?s)class="mention-excerpt"[^>]*>(.*?)</span>', page)]


def names(answer):
    return [person["name"] for person in answer.json()["people"]]


# ── the page ─────────────────────────────────────────────────────────────────────────────────────


def test_the_page_lists_mentions_by_name_and_of_all_with_room_author_and_link(
    reader, alice, bob, kitchen, vault
):
    say(kitchen, bob, f"Tea, <@{alice.pk}>?", "Nothing")
    say(vault, bob, "<@all> Dinner *now*")
    page = reader.get("/mentions/").content.decode()
    assert excerpts(page) == ["@all Dinner now", "Tea, @Alice?"]
    assert 'href="/rooms/kitchen/1/"' in page and 'href="/rooms/vault/1/"' in page
    assert page.count('class="author">Bob<') == 2 and "in <bdi>Vault</bdi>" in page


def test_deleted_messages_own_messages_and_rooms_that_are_not_visible_are_left_out(
    reader, alice, bob, kitchen, vault
):
    Membership.objects.filter(user=alice, room=kitchen).update(role=Membership.MODERATOR)
    (gone,) = say(kitchen, bob, f"<@{alice.pk}> gone")
    post([Delete(kitchen.pk, bob.pk, gone.seq)])
    say(kitchen, alice, f"<@{alice.pk}> <@all> own")
    say(vault, bob, f"<@{alice.pk}> secret", "<@all> secret")
    Membership.objects.filter(user=alice, room=vault).delete()
    page = reader.get("/mentions/").content.decode()
    assert excerpts(page) == [] and "secret" not in page


def test_mentions_in_a_room_from_which_the_reader_is_banned_are_left_out(reader, alice, bob, kitchen):
    say(kitchen, bob, f"<@{alice.pk}> secret", "<@all> secret")
    sanctions.impose("ban", alice, by=bob, room=kitchen, reason="Spam")
    assert "secret" not in reader.get("/mentions/").content.decode()


def test_a_mention_of_all_before_somebody_joined_is_not_theirs(client, bob, charlie, kitchen):
    say(kitchen, bob, "<@all> early", "<@all> late")
    membership = Membership.objects.create(room=kitchen, user=charlie)
    for seq, minutes in ((1, -1), (2, 1)):
        at = membership.joined_at + timedelta(minutes=minutes)
        Message.objects.filter(seq=seq).update(created_at=at)
    client.force_login(charlie, backend="django.contrib.auth.backends.ModelBackend")
    assert excerpts(client.get("/mentions/").content.decode()) == ["@all late"]


def test_every_mention_is_on_one_page(reader, alice, bob, kitchen, django_assert_num_queries):
    count = PAGE_SIZE * 2 + 1
    say(kitchen, bob, *(f"<@{alice.pk}> <@all> {n}" for n in range(count)))
    found, path = [], "/mentions/"
    while path:
        with django_assert_num_queries(QUERIES_OF_THE_MENTIONS_PAGE):
            page = reader.get(path).content.decode()
        found += excerpts(page)
        more = re.search(r'rel="next" href="([^"]+)"', page)
        path = more and f"/mentions/{more[1]}"
    assert found == [f"@Alice @all {n}" for n in reversed(range(count))]


@pytest.mark.parametrize("before", ["x", "-1", "9" * 19, ""])
def test_an_invalid_page_is_not_found(reader, before):
    assert reader.get("/mentions/", {"before": before}).status_code == 404


def test_visitors_are_sent_to_the_login(client):
    assert client.get("/mentions/")["Location"] == "/accounts/login/?next=%2Fmentions%2F"


def test_a_message_of_an_ignored_person_has_no_text_there(reader, alice, bob, kitchen):
    (message,) = say(kitchen, bob, f"<@{alice.pk}> rude")
    Membership.objects.filter(user=alice).update(last_read=message.seq)
    ignore(alice, bob, True)
    page = reader.get("/mentions/").content.decode()
    assert "rude" not in page and "Message from someone you ignore" in page


# ── rooms and lobby ──────────────────────────────────────────────────────────────────────────────


def test_a_mention_is_marked_for_the_person_meant_only(client, reader, alice, bob, kitchen):
    (message,) = say(kitchen, bob, f'<@{alice.pk}> and class="mention" data-user="{alice.pk}"')
    page = reader.get("/rooms/kitchen/").content.decode()
    assert f'<span class="mention me" data-user="{alice.pk}">@Alice</span>' in page
    assert page.count("mention me") == 1 and " mentions-me" in page
    client.force_login(bob, backend="django.contrib.auth.backends.ModelBackend")
    page = client.get("/rooms/kitchen/").content.decode()
    assert "mention me" not in page and " mentions-me" not in page
    assert Message.objects.get().html == message.html


def test_the_lobby_and_the_sidebar_count_unread_mentions(reader, alice, bob, kitchen, vault):
    say(kitchen, bob, f"<@{alice.pk}>", "<@all>", "Nothing")
    for path in ("/", "/rooms/vault/"):
        page = reader.get(path).content.decode()
        row = re.search(r'(?s)<li class="room-row[^>]*data-slug="kitchen".*?</li>', page)[0]
        assert re.search(r'(?s)mention-count">.*?class="count">2<', row)
        assert re.search(r'(?s)data-mentions-total>\s*<span class="count">2<', page)


def test_the_page_says_who_may_mention_all(reader, kitchen):
    Room.objects.filter(pk=kitchen.pk).update(mention_all="everyone")
    assert 'data-mention-all="everyone"' in reader.get("/rooms/kitchen/").content.decode()


# ── the members that complete `@` ────────────────────────────────────────────────────────────────


def join(room, *names, **fields):
    people = [User.objects.create_user(f"user{uuid.uuid4().hex}", name=name, **fields) for name in names]
    Membership.objects.bulk_create(Membership(room=room, user=person) for person in people)
    return people


def test_members_are_found_by_any_word_of_their_name(reader, kitchen, charlie):
    join(kitchen, "Ayu Lestari", "Мария Иванова", "50% off")
    search = lambda query: names(reader.get("/rooms/kitchen/people/", {"q": query}))  # noqa: E731
    assert search("ay") == search("les") == ["Ayu Lestari"]
    assert search("ива") == search("Мар") == ["Мария Иванова"]
    assert search("%") == [] and search("_") == [] and search("50%") == ["50% off"]
    assert search("yu") == search("charlie") == search("\x00") == []


def test_present_people_come_first_and_an_answer_is_bounded(reader, kitchen):
    *_, last = join(kitchen, *(f"Ayu {n:02}" for n in range(FOUND + 5)))
    Presence.objects.create(room=kitchen, user=last, process=uuid.uuid4())
    found = names(reader.get("/rooms/kitchen/people/?q=ayu"))
    assert len(found) == FOUND and found[0] == last.name


def test_oneself_ignored_and_deactivated_people_are_left_out(reader, alice, kitchen):
    ignored, inactive, _ = join(kitchen, "Axel", "Adam", "Anna")
    ignore(alice, ignored, True)
    User.objects.filter(pk=inactive.pk).update(is_active=False)
    assert names(reader.get("/rooms/kitchen/people/?q=a")) == ["Anna"]


def test_a_search_takes_one_query_for_the_members(reader, kitchen, django_assert_num_queries):
    join(kitchen, *(f"Ayu {n}" for n in range(50)))
    with django_assert_num_queries(QUERIES_OF_A_SEARCH):
        reader.get("/rooms/kitchen/people/?q=ayu")


def test_in_a_large_room_a_name_is_found_by_its_beginning(reader, kitchen, monkeypatch):
    from chat.models import people_search

    join(kitchen, "Zainab Putri")
    monkeypatch.setattr(people_search, "NEWEST", 1)
    join(kitchen, "Someone Else")
    assert names(reader.get("/rooms/kitchen/people/?q=zai")) == ["Zainab Putri"]


@pytest.mark.parametrize("slug", ["vault", "nowhere"])
def test_a_room_that_is_not_visible_has_no_members(client, vault, charlie, slug):
    client.force_login(charlie, backend="django.contrib.auth.backends.ModelBackend")
    answer = client.get(f"/rooms/{slug}/people/?q=a")
    assert (answer.status_code, answer.json()["code"]) == (404, "no_room")


def test_visitors_find_nobody(client, kitchen):
    assert client.get("/rooms/kitchen/people/?q=a").status_code == 401
