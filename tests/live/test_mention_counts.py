"""Mentions: whom they reach, and the counts that follow. Old state plus events = freshly read state."""

import asyncio
import time
import uuid

import pytest
from django.db import connection

from chat import frames
from chat.actions import members, reading
from chat.actions.changes import Delete, Edit, Restore
from chat.actions.ignoring import ignore
from chat.actions.messages import Draft, post
from chat.mention_tokens import MAX_MENTIONS
from chat.models import Membership, Mention, Message, Room, User
from chat.refusals import Refusal
from tests.wire import WITHIN, signed_in


def say(room, author, text, **fields):
    return post([Draft(room.pk, author.pk, uuid.uuid4(), text, **fields)])[0]


def mentions_of(user, room):
    """The unread count, as the membership has it and as the lobby shows it."""
    listed = Room.objects.filter(pk=room.pk).listed_for(user).get()
    stored = Membership.objects.get(room=room, user=user).mentions
    named = Mention.objects.filter(room=room, user=user)
    assert stored == named.filter(seq__gt=Membership.objects.get(room=room, user=user).last_read).count()
    return listed.mentions


def state(message):
    return frames.message(Message.objects.filter(pk=message.pk).with_state().get())


@pytest.mark.django_db
def test_a_mention_is_counted_for_the_member_and_the_state_is_the_same_when_it_is_read_again(
    alice, bob, kitchen
):
    message = say(kitchen, bob, f"Tea, <@{alice.pk}>?")
    assert frames.message(message) == state(message)
    assert state(message).html == f'<p>Tea, <span class="mention" data-user="{alice.pk}">@Alice</span>?</p>'
    assert mentions_of(alice, kitchen) == 1 and mentions_of(bob, kitchen) == 0


@pytest.mark.django_db
@pytest.mark.parametrize("room_name", ["kitchen", "vault"])
def test_somebody_who_is_no_member_is_shown_as_unknown_and_not_mentioned(
    request, bob, charlie, kitchen, room_name
):
    room = request.getfixturevalue(room_name)
    message = say(room, bob, f"<@{charlie.pk}> <@999999999>")
    assert message.mentions == [] and not Mention.objects.exists()
    assert state(message).html.count("@unknown") == 2 and "Charlie" not in state(message).html


@pytest.mark.django_db
def test_the_author_and_somebody_who_ignores_the_author_are_not_notified(alice, bob, kitchen):
    ignore(alice, bob, True)
    message = say(kitchen, bob, f"<@{alice.pk}> <@{bob.pk}>")
    assert sorted(message.mentions) == sorted([alice.pk, bob.pk])
    assert mentions_of(alice, kitchen) == mentions_of(bob, kitchen) == 0


@pytest.mark.django_db
def test_an_edit_adds_and_removes_mentions(alice, bob, kitchen):
    message = say(kitchen, bob, "Tea?")
    (edited,) = post([Edit(kitchen.pk, bob.pk, message.seq, f"Tea, <@{alice.pk}>?")])
    assert mentions_of(alice, kitchen) == 1 and frames.message(edited) == state(message)
    (edited,) = post([Edit(kitchen.pk, bob.pk, message.seq, "Tea, anybody?")])
    assert mentions_of(alice, kitchen) == 0 and frames.message(edited) == state(message)
    assert not Mention.objects.exists()


@pytest.mark.django_db
def test_a_deletion_removes_the_mention_and_its_undo_restores_it(alice, bob, kitchen):
    message = say(kitchen, bob, f"<@{alice.pk}>")
    post([Delete(kitchen.pk, bob.pk, message.seq)])
    assert mentions_of(alice, kitchen) == 0 and not Mention.objects.exists()
    (restored,) = post([Restore(kitchen.pk, bob.pk, message.seq)])
    assert mentions_of(alice, kitchen) == 1 and frames.message(restored) == state(message)


@pytest.mark.django_db
def test_a_restored_mention_does_not_notify_somebody_who_ignores_the_author_by_now(alice, bob, kitchen):
    message = say(kitchen, bob, f"<@{alice.pk}>")
    post([Delete(kitchen.pk, bob.pk, message.seq)])
    ignore(alice, bob, True)
    post([Restore(kitchen.pk, bob.pk, message.seq)])
    assert mentions_of(alice, kitchen) == 0


@pytest.mark.django_db
def test_a_new_name_follows_in_history(alice, bob, kitchen):
    message = say(kitchen, bob, f"<@{alice.pk}>")
    alice.name = "Alicia <b>"
    alice.save()
    assert "@Alicia &lt;b&gt;</span>" in state(message).html
    assert state(message).mentions == {str(alice.pk): "Alicia <b>"}


@pytest.mark.django_db
def test_at_most_fifty_people_are_mentioned_in_one_message(alice, bob, kitchen):
    people = [User.objects.create_user(f"person{n}", name=f"Person {n}") for n in range(MAX_MENTIONS + 5)]
    Membership.objects.bulk_create(Membership(room=kitchen, user=person) for person in people)
    message = say(kitchen, bob, " ".join(f"<@{person.pk}>" for person in people))
    assert Mention.objects.count() == len(message.mentions) == MAX_MENTIONS
    assert state(message).html.count("&lt;@") == 5  # the others stay text


@pytest.mark.django_db
@pytest.mark.parametrize(
    ("setting", "member", "moderator"),
    [("everyone", True, True), ("moderators", False, True), ("nobody", False, False)],
)
def test_the_setting_of_the_room_decides_who_mentions_all(alice, bob, kitchen, setting, member, moderator):
    Room.objects.filter(pk=kitchen.pk).update(mention_all=setting)
    for author, allowed in ((alice, member), (bob, moderator)):
        result = say(kitchen, author, "<@all> Dinner")
        assert isinstance(result, Message) if allowed else result.code == "not_all"
    assert mentions_of(alice, kitchen) == member + moderator


@pytest.mark.django_db
def test_a_mention_of_all_in_an_edit_needs_the_permission_too(alice, kitchen):
    message = say(kitchen, alice, "Dinner")
    (refused,) = post([Edit(kitchen.pk, alice.pk, message.seq, "<@all> Dinner")])
    assert isinstance(refused, Refusal) and refused.code == "not_all"


@pytest.mark.django_db
def test_reading_takes_mentions_from_the_count_and_marking_unread_puts_them_back(alice, bob, kitchen):
    first = say(kitchen, bob, f"<@{alice.pk}>")
    say(kitchen, bob, f"<@{alice.pk}> <@all>")
    assert mentions_of(alice, kitchen) == 3  # the second message counts for both
    reading.mark_read({(kitchen.pk, alice.pk): first.seq})
    assert mentions_of(alice, kitchen) == 2
    reading.mark_read({(kitchen.pk, alice.pk): 2})
    assert mentions_of(alice, kitchen) == 0
    reading.mark_unread({(kitchen.pk, alice.pk): first.seq})
    assert mentions_of(alice, kitchen) == 3


@pytest.mark.django_db
def test_a_mention_in_code_is_text(alice, bob, kitchen):
    message = say(kitchen, bob, f"`<@{alice.pk}>`")
    assert not message.mentions and "&lt;@" in state(message).html


@pytest.mark.django_db
def test_a_member_who_left_has_no_count_and_no_row_is_added_for_them(alice, bob, kitchen):
    say(kitchen, bob, f"<@{alice.pk}>")
    members.remove(kitchen, alice, by=alice)
    say(kitchen, bob, f"<@{alice.pk}>")
    assert Mention.objects.filter(user=alice).count() == 1


# ── live ─────────────────────────────────────────────────────────────────────────────────────────


async def test_counts_are_equal_in_every_lobby_soon(site, stack, alice, bob, kitchen):
    first = site.start()
    second = site.start() if stack.full else first
    hers, his = signed_in(first, alice), signed_in(second, bob)
    async with (
        hers.open_lobby() as lobby,
        signed_in(second, alice).open_lobby() as other,
        his.open("kitchen") as room,
        hers.open("kitchen") as reader,
    ):
        for socket in (lobby, other):
            await socket.hello()
            await socket.send("watch", rooms=["kitchen"])
            await socket.expect("room", slug="kitchen", mentions=0)
        await room.hello()
        await reader.hello()
        seq = (await room.post(f"<@{alice.pk}> hello"))["seq"]
        for socket in (lobby, other):
            assert (await socket.expect("room", timeout=WITHIN, mentions=1))["unread"] == 1
        await reader.expect("message", seq=seq)
        await reader.send("read", seq=seq)
        for socket in (lobby, other):
            await socket.expect("room", timeout=WITHIN, mentions=0)


async def test_a_mention_follows_a_new_name_in_later_events(server, alice, bob, kitchen):
    async with signed_in(server, bob).open("kitchen") as socket:
        await socket.hello()
        seq = (await socket.post(f"<@{alice.pk}>"))["seq"]
        User.objects.filter(pk=alice.pk).update(name="Alicia")
        await socket.ask("react", seq=seq, emoji="👍", on=True)
        event = await socket.expect("message", seq=seq, reactions={"👍": [bob.pk]})
        assert event["mentions"] == {str(alice.pk): "Alicia"} and ">@Alicia<" in event["html"]


async def test_counts_are_right_after_posts_and_reads_at_the_same_time_in_two_processes(
    site, alice, bob, kitchen
):
    unlimited = {"OBROLAN_POST_RATE": "1000", "OBROLAN_POST_BURST": "1000"}
    first = site.start(**unlimited)
    second = site.start(**unlimited)
    async with signed_in(first, bob).open("kitchen") as his, signed_in(second, alice).open("kitchen") as hers:
        await his.hello()
        await hers.hello()
        writing = asyncio.create_task(write_mentions(his, alice))
        while not writing.done():
            await hers.send("read", seq=max(hers.head - 1, 0))
            await asyncio.sleep(0.02)
        last = writing.result()
        await hers.expect("message", seq=last)
        deadline = time.monotonic() + 5
        while await asyncio.to_thread(counts, kitchen.pk, alice.pk) != (0, last - 1):
            await hers.send("read", seq=last - 1)  # the last message, which mentions nobody, stays unread
            assert time.monotonic() < deadline
            await asyncio.sleep(0.1)


async def write_mentions(socket, user):
    for number in range(60):
        ack = await socket.post(f"<@{user.pk}> {number}")
        if number % 7 == 0:
            await socket.ask("delete", seq=ack["seq"])
        if number % 11 == 0:
            await socket.ask("edit", seq=(await socket.post("later"))["seq"], text=f"<@{user.pk}>")
    return (await socket.post("The end"))["seq"]


def counts(room_id, user_id):
    """The stored count, after it was compared with the rows, and the read mark."""
    try:
        membership = Membership.objects.get(room=room_id, user=user_id)
        return membership.mentions, membership.last_read
    finally:
        connection.close()
