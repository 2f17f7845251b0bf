"""Catch-up: a client that reconnects with its cursor gets exactly the changes since then."""

import uuid

import pytest

from chat import frames
from chat.actions.messages import Draft, post
from chat.live.sockets.catch_up import SIZE
from chat.models import Membership, Message, Room, User
from tests.wire import WITHIN, Closed, signed_in


def post_messages(count, text="posted elsewhere", slug="kitchen"):
    """Post from this process. The web process gets no notification of the commit."""
    room, author = Room.objects.get(slug=slug), User.objects.first()
    results = post([Draft(room.pk, author.pk, uuid.uuid4(), f"{text} {n}") for n in range(count)])
    return [message.seq for message in results]


async def test_a_client_without_a_cursor_gets_the_latest_page(ayu):
    post_messages(60)
    async with ayu.open("kitchen") as socket:
        welcome = await socket.hello()
        await socket.ping()
        assert welcome["head"] == 60
        assert sorted(socket.messages) == list(range(11, 61))
        assert not socket.heard("reset")


async def test_a_client_with_a_cursor_gets_the_changes_since_then_and_nothing_else(ayu):
    async with ayu.open("kitchen") as socket:
        welcome = await socket.hello()
        seen = (await socket.post("seen"))["rev"]
        edited = (await socket.post("soon edited"))["seq"]
    post_messages(3)
    async with ayu.open("kitchen") as socket:
        await socket.hello()
        await socket.ask("edit", seq=edited, text="edited")
    async with ayu.open("kitchen") as socket:
        again = await socket.hello(since=seen, epoch=welcome["epoch"])
        await socket.ping()
        assert again["head"] == 6
        assert [event["rev"] for event in socket.heard("message")] in ([3, 4, 5, 6], [2, 3, 4, 5, 6])
        assert socket.texts == ["edited", "posted elsewhere 0", "posted elsewhere 1", "posted elsewhere 2"]


async def test_a_client_that_is_up_to_date_gets_no_messages(ayu):
    post_messages(5)
    async with ayu.open("kitchen") as socket:
        welcome = await socket.hello()
    async with ayu.open("kitchen") as socket:
        await socket.hello(since=5, epoch=welcome["epoch"])
        await socket.ping()
        assert not socket.heard("message")


@pytest.mark.parametrize(
    ("since", "epoch", "reason"),
    [(10, None, "behind"), (900, None, "ahead"), (299, str(uuid.uuid4()), "epoch")],
)
async def test_a_cursor_far_behind_ahead_or_of_another_epoch_is_reset_to_the_latest_page(
    ayu, since, epoch, reason
):
    post_messages(300)
    async with ayu.open("kitchen") as socket:
        welcome = await socket.hello(since=since, epoch=epoch or str(Room.objects.get(slug="kitchen").epoch))
        reset = await socket.expect("reset")
        await socket.ping()
        assert (reset["reason"], reset["head"], welcome["head"]) == (reason, 300, 300)
        assert sorted(socket.messages) == list(range(251, 301))


async def test_a_catch_up_of_nearly_a_megabyte_is_complete_and_ends_with_synced(ayu):
    """It is larger than the limit of a frame."""
    async with ayu.open("kitchen") as socket:
        welcome = await socket.hello()
    post_messages(200, text="<&>" * 250)
    async with ayu.open("kitchen") as socket:
        await socket.hello(since=0, epoch=welcome["epoch"])
        assert (await socket.synced())["head"] == 200
        assert sorted(socket.messages) == list(range(1, 201))
        assert not socket.heard("reset")
        assert sum(len(message["html"] + message["text"]) for message in socket.messages.values()) > 800_000


async def test_a_catch_up_of_several_megabytes_is_replaced_by_a_page_of_bounded_size(ayu):
    async with ayu.open("kitchen") as socket:
        welcome = await socket.hello()
    post_messages(200, text="<&>" * 1_300)
    for since, epoch in ((0, welcome["epoch"]), (None, None)):
        async with ayu.open("kitchen") as socket:
            await socket.hello(since=since, epoch=epoch)
            assert (await socket.synced())["head"] == 200
            assert len(socket.heard("reset", reason="behind")) == (0 if since is None else 1)
            page = sorted(socket.messages)
            assert 1 <= len(page) < 50
            assert page == list(range(201 - len(page), 201))
            sizes = [len(message["html"] + message["text"]) for message in socket.messages.values()]
            assert sum(sizes) < 128 * 1024


async def test_messages_committed_by_another_program_arrive_soon(ayu):
    async with ayu.open("kitchen") as socket:
        await socket.hello()
        post_messages(3)
        await socket.expect("message", timeout=WITHIN, text="posted elsewhere 2")
        assert sorted(socket.messages) == [1, 2, 3]


async def test_a_room_continues_after_its_latest_messages_were_removed_from_the_database(ayu):
    async with ayu.open("kitchen") as socket:
        await socket.hello()
        seq = post_messages(2)[-1]
        await socket.expect("message", seq=seq, timeout=WITHIN)
        Room.objects.filter(slug="kitchen").update(head=5)
        await socket.wait_for_head(5)
        await socket.post("still here")
        await socket.expect("message", text="still here", seq=6)


async def test_after_a_restore_clients_are_disconnected_and_reset(ayu):
    post_messages(5)
    async with ayu.open("kitchen") as socket:
        before = await socket.hello()
        Room.objects.filter(slug="kitchen").update(epoch=uuid.uuid4(), head=3)
        assert await socket.closed() == 4012
    async with ayu.open("kitchen") as socket:
        await socket.hello(since=5, epoch=before["epoch"])
        assert (await socket.expect("reset"))["reason"] == "epoch"


async def test_after_a_restore_a_reconnected_client_receives_new_messages(ayu, budi):
    """Its cursor is above the head of the room and belongs to the former epoch."""
    post_messages(5)
    async with ayu.open("kitchen") as socket:
        before = await socket.hello()
        Room.objects.filter(slug="kitchen").update(epoch=uuid.uuid4(), head=3)
        Message.objects.filter(room__slug="kitchen", seq__gt=3).delete()
        assert await socket.closed() == 4012
    async with ayu.open("kitchen") as socket, budi.open("kitchen") as other:
        await socket.hello(since=5, epoch=before["epoch"])
        assert (await socket.synced())["head"] == 3
        assert sorted(socket.messages) == [1, 2, 3]
        await other.hello()
        await other.post("after the restore")
        await socket.expect("message", text="after the restore", seq=4)
        assert (await socket.ping())["head"] == 4


@pytest.mark.parametrize("slug", ["vault", "nowhere", "n%00where", "x" * 200])
async def test_a_private_room_and_a_missing_room_give_outsiders_the_same_answer(server, charlie, vault, slug):
    async with signed_in(server, charlie).open(slug) as socket:
        with pytest.raises(Closed):
            await socket.hello()
        assert await socket.closed() == 4404
        (error,) = socket.heard("error")
        assert (error["code"], error["retry"]) == ("no_room", False)


async def test_a_member_can_open_a_private_room(server, alice, vault):
    async with signed_in(server, alice).open("vault") as socket:
        assert (await socket.hello())["room"]["kind"] == "private"


async def test_an_outsider_is_refused_before_sending_hello(server, charlie, vault):
    async with signed_in(server, charlie).open("vault") as socket:
        assert (await socket.expect("error"))["code"] == "no_room"
        assert await socket.closed() == 4404


async def test_a_connection_without_a_session_is_closed_with_4401(server, charlie, kitchen):
    stranger = signed_in(server, charlie)
    stranger.http.cookies.clear()
    async with stranger.open("kitchen") as socket:
        with pytest.raises(Closed):
            await socket.hello()
        assert await socket.closed() == 4401


@pytest.mark.django_db
@pytest.mark.parametrize(
    ("text", "is_reply"),
    [("short", False), ("short", True), ("{all}", True), ("{all}" + "words " * 500, False)],
)
def test_the_estimated_size_of_a_message_includes_its_quote_and_names(kitchen, alice, text, is_reply):
    people = User.objects.bulk_create(
        User(username=f"p{n}", name=f"{n:02} {'name ' * 7}", name_key=f"p{n}") for n in range(50)
    )
    Membership.objects.bulk_create(Membership(room=kitchen, user=person) for person in people)
    text = text.replace("{all}", "".join(f"<@{person.pk}> " for person in people))
    post([Draft(kitchen.pk, alice.pk, uuid.uuid4(), "quoted words " * 30)])
    post([Draft(kitchen.pk, alice.pk, uuid.uuid4(), text, 1 if is_reply else None)])
    stored = Message.objects.with_state().annotate(size=SIZE).get(seq=2)
    assert 0.7 < stored.size / len(frames.encode(frames.message(stored))) < 1.8


@pytest.mark.django_db
def test_the_estimated_size_of_a_message_includes_its_reactions(kitchen, alice):
    post([Draft(kitchen.pk, alice.pk, uuid.uuid4(), "Tea?")])
    Message.objects.update(reactions={emoji: list(range(100_000, 100_050)) for emoji in "👍🎉😀😂🔥"})
    stored = Message.objects.with_state().annotate(size=SIZE).get()
    assert 0.7 < stored.size / len(frames.encode(frames.message(stored))) < 1.8
