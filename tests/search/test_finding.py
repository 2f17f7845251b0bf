"""Search results: words and scripts, rights, edits and deletions. Each test runs for each way to search."""

from datetime import timedelta

import pytest
from django.utils import timezone

from chat.actions import purging, sanctions
from chat.actions.changes import Delete, Edit, Restore
from chat.actions.ignoring import ignore
from chat.actions.messages import post
from chat.models import Membership, Message, Room

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("way")]

SCRIPTS = {
    "Kami mengajarkan bahasa": ["ajar", "MENGAJARKAN", "kan bahasa", '"kami mengajarkan"'],
    "今日は茶を飲む": ["茶", "今日", "日は茶", '"茶を飲む"', "今"],
    "Привет, мир": ["ривет", "МИР", "привет мир"],
    "Un café crème": ["CAFE", "creme", "rèm"],
    "나는 한국어를 공부해": ["한국", "어를"],
    "สวัสดีครับ": ["สดี", "ครับ"],
    "see mp3 no. 4711": ["mp3", "471", "no. 47"],
    "I ❤️ it": ["❤"],
}


@pytest.mark.parametrize("text", SCRIPTS)
def test_parts_of_words_are_found_in_every_script(text, kitchen, alice, say, found):
    say(kitchen, alice, text, *("nothing like it" for _ in range(3)))
    for typed in SCRIPTS[text]:
        assert found(alice, typed) == [text], typed


def test_all_words_must_be_in_the_message_and_the_newest_is_first(kitchen, alice, say, found):
    say(kitchen, alice, "green tea", "black tea", "tea, very green", "green", "evergreens and teapots")
    assert found(alice, "tea green") == ["evergreens and teapots", "tea, very green", "green tea"]
    assert found(alice, '"green tea"') == ["green tea"]
    assert found(alice, '"tea"') == ["tea, very green", "black tea", "green tea"]


@pytest.mark.parametrize(
    "typed", ['"', "*", "NEAR(a b)", "%", "_", "\\", "tea' OR 1=1", "a:*", "(a | b)", "tea\0"]
)
def test_signs_of_query_languages_are_only_text(typed, kitchen, alice, say, found):
    from chat.search.query import parse

    say(kitchen, alice, "tea or 1 1 near a b")
    if not parse(typed).problems and not parse(typed).is_empty:
        assert len(found(alice, typed)) <= 1


# ── rights ───────────────────────────────────────────────────────────────────────────────────────


def test_only_messages_in_rooms_that_the_person_may_see_now_are_found(
    kitchen, vault, alice, bob, charlie, say, found
):
    say(kitchen, bob, "tea in the kitchen")
    say(vault, bob, "tea in the vault")
    assert found(alice, "tea") == ["tea in the vault", "tea in the kitchen"]
    assert found(charlie, "tea") == ["tea in the kitchen"] and found(charlie, "tea in:vault") == []
    Membership.objects.filter(room=vault, user=alice).delete()
    assert found(alice, "tea") == ["tea in the kitchen"]


def test_a_person_who_was_removed_from_a_room_finds_nothing_there(kitchen, alice, bob, say, found):
    say(kitchen, alice, "tea")
    sanctions.impose("removal", alice, by=bob, room=kitchen, reason="Enough")
    alice.refresh_from_db()
    assert found(alice, "tea") == [] and found(bob, "tea") == ["tea"]


def test_nothing_is_found_in_deleted_rooms_and_only_members_find_direct_conversations(
    kitchen, vault, alice, bob, charlie, say, found
):
    say(kitchen, bob, "tea")
    say(vault, bob, "direct tea")
    Room.objects.filter(pk=kitchen.pk).update(deleted_at=timezone.now())
    Room.objects.filter(pk=vault.pk).update(kind=Room.DIRECT)
    assert found(alice, "tea") == ["direct tea"] and found(charlie, "tea") == []


# ── changes ──────────────────────────────────────────────────────────────────────────────────────


def test_an_edited_message_is_found_by_its_new_words_only(kitchen, alice, say, found):
    say(kitchen, alice, "black coffee", "other")
    post([Edit(kitchen.pk, alice.pk, 1, "green tea")])
    assert found(alice, "coffee") == [] and found(alice, "tea") == ["green tea"]


def test_deleted_and_hidden_messages_are_found_once_they_are_restored(kitchen, alice, bob, say, found):
    say(kitchen, alice, "tea mine", "tea hidden", "other")
    post([Delete(kitchen.pk, alice.pk, 1), Delete(kitchen.pk, bob.pk, 2)])
    assert found(alice, "tea") == [] and found(bob, "hidden") == []
    post([Restore(kitchen.pk, alice.pk, 1), Restore(kitchen.pk, bob.pk, 2)])
    assert found(alice, "tea") == ["tea hidden", "tea mine"]


def test_of_a_purged_message_no_word_is_left(kitchen, alice, say, found):
    say(kitchen, alice, "secret", "other")
    post([Delete(kitchen.pk, alice.pk, 1)])
    long_ago = timezone.now() - timedelta(days=10_000)
    Message.objects.filter(seq=1).update(deleted_at=long_ago, search_text=" secret ")
    purging.purge()
    assert found(alice, "secret") == [] and Message.objects.get(seq=1).search_text == ""


# ── filters ──────────────────────────────────────────────────────────────────────────────────────


def test_messages_are_found_by_person_and_room(kitchen, vault, alice, bob, say, found):
    say(kitchen, alice, "a in kitchen")
    say(kitchen, bob, "b in kitchen")
    say(vault, bob, "b in vault")
    assert found(alice, "from:bob in:Kitchen") == ["b in kitchen"]
    assert found(alice, "from:bo") == ["b in vault", "b in kitchen"]
    assert found(alice, "from:me") == ["a in kitchen"] and found(alice, "from:nobody") == []
    assert found(alice, "in:vau") == ["b in vault"] and found(alice, "from:alice in:vault b") == []


def test_messages_are_found_by_day_in_the_time_zone_of_the_reader(kitchen, alice, say, found):
    say(kitchen, alice, "tea 1", "tea 2", "tea 3")
    for seq, at in enumerate(("2026-03-01T16:59Z", "2026-03-01T17:00Z", "2026-03-02T17:00Z"), 1):
        Message.objects.filter(seq=seq).update(created_at=at)
    with timezone.override("Asia/Jakarta"):
        assert found(alice, "tea after:2026-03-02 before:2026-03-03") == ["tea 2"]
        assert found(alice, "before:2026-03-02") == ["tea 1"]
        assert found(alice, "after:2026-03-03") == ["tea 3"] and found(alice, "after:2027-01-01") == []


def test_messages_with_a_link_and_mentions_are_found(kitchen, vault, alice, bob, charlie, say, found):
    say(kitchen, bob, "see https://example.com/a", "no link", f"<@{alice.pk}> tea", "<@all> tea")
    say(vault, bob, f"<@{bob.pk}> tea")
    assert found(alice, "has:link") == ["see https://example.com/a"]
    assert found(alice, "mentions:me") == ["<@all> tea", f"<@{alice.pk}> tea"]
    assert found(alice, "mentions:bob tea") == [f"<@{bob.pk}> tea"]
    assert found(charlie, "mentions:me") == []  # no member


def test_people_whom_the_reader_ignores_are_found_only_by_name(kitchen, alice, bob, say, found):
    say(kitchen, bob, "tea")
    ignore(alice, bob, True)
    alice.refresh_from_db()
    assert found(alice, "tea") == [] and found(alice, "tea from:bob") == ["tea"]
