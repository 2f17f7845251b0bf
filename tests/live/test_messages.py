"""Messages, edits, reactions and typing notices between the members of a room."""

import asyncio
import time
import uuid

import pytest

from chat.models import Message, Room
from tests.wire import Refused, guest, signed_in


async def test_a_message_reaches_all_clients_and_is_acknowledged(ayu, budi):
    async with ayu.open("kitchen") as ayu_socket, budi.open("kitchen") as budi_socket:
        await ayu_socket.hello()
        await budi_socket.hello()
        ack = await ayu_socket.post("Good *morning*")
        seen = await budi_socket.expect("message", seq=ack["seq"])
        assert seen["html"] == "<p>Good <em>morning</em></p>"
        assert seen["author"] == {"id": seen["author"]["id"], "name": "Ayu", "guest": True}
        assert (await ayu_socket.expect("message", seq=ack["seq"])) == seen


async def test_messages_that_a_user_sends_without_waiting_stay_in_order(ayu, budi):
    async with ayu.open("kitchen") as ayu_socket, budi.open("kitchen") as budi_socket:
        await ayu_socket.hello()
        await budi_socket.hello()
        for number in range(20):
            await ayu_socket.send("post", id=str(uuid.uuid4()), text=f"{number}")
        await budi_socket.expect("message", text="19")
        assert budi_socket.texts == [str(number) for number in range(20)]


async def test_a_message_that_is_sent_again_is_stored_once_and_gets_the_same_ack(ayu):
    async with ayu.open("kitchen") as socket:
        await socket.hello()
        key = str(uuid.uuid4())
        first = await socket.post("once", id=key)
        assert await socket.post("once", id=key) == first
        assert await socket.post("twice?", id=key) == first
    kitchen = Room.objects.get(slug="kitchen")
    assert kitchen.head == 1
    assert list(kitchen.messages.values_list("text", flat=True)) == ["once"]


async def test_edits_reactions_and_deletions_reach_other_clients(ayu, budi):
    async with ayu.open("kitchen") as ayu_socket, budi.open("kitchen") as budi_socket:
        me = (await ayu_socket.hello())["user"]
        await budi_socket.hello()
        seq = (await ayu_socket.post("teh"))["seq"]
        await ayu_socket.ask("edit", seq=seq, text="the")
        edited = await budi_socket.expect("message", seq=seq, text="the")
        assert edited["edited_at"] and edited["rev"] == 2
        await ayu_socket.ask("react", seq=seq, emoji="👍", on=True)
        assert await budi_socket.expect("message", seq=seq, reactions={"👍": [me["id"]]})
        await ayu_socket.ask("react", seq=seq, emoji="👍", on=False)
        await ayu_socket.ask("delete", seq=seq)
        gone = await budi_socket.expect("message", seq=seq, deleted=True)
        assert (gone["text"], gone["html"], gone["rev"]) == ("", "", 5)


async def test_a_command_that_changes_nothing_is_acknowledged_and_takes_no_revision(ayu):
    async with ayu.open("kitchen") as socket:
        await socket.hello()
        seq = (await socket.post("same"))["seq"]
        assert (await socket.ask("edit", seq=seq, text="same"))["rev"] == 1
        await socket.ask("delete", seq=seq)
        assert (await socket.ask("delete", seq=seq))["rev"] == 2
    assert Room.objects.get(slug="kitchen").head == 2


@pytest.mark.parametrize(
    ("command", "fields", "code"),
    [
        ("edit", {"text": "mine now"}, "not_yours"),
        ("delete", {}, "not_yours"),
        ("react", {"emoji": "word", "on": True}, "bad_emoji"),
        ("edit", {"seq": 99, "text": "?"}, "no_message"),
        ("post", {"seq": None, "text": "?", "reply_to": 99}, "no_message"),
        ("post", {"seq": None, "text": "x" * 4_001}, "too_long"),
    ],
)
async def test_a_forbidden_command_is_refused_with_a_code_and_changes_nothing(
    ayu, budi, command, fields, code
):
    async with ayu.open("kitchen") as ayu_socket, budi.open("kitchen") as budi_socket:
        await ayu_socket.hello()
        await budi_socket.hello()
        seq = (await ayu_socket.post("from Ayu"))["seq"]
        arguments = {key: value for key, value in {"seq": seq, **fields}.items() if value is not None}
        with pytest.raises(Refused) as refused:
            await budi_socket.ask(command, **arguments)
        assert refused.value.code == code
        assert refused.value.event["retry"] is False
    assert Message.objects.get().text == "from Ayu"
    assert Room.objects.get(slug="kitchen").head == 1


async def test_a_reply_has_the_number_of_the_message_that_it_answers(ayu):
    async with ayu.open("kitchen") as socket:
        await socket.hello()
        first = (await socket.post("Tea?"))["seq"]
        answer = (await socket.post("Yes", reply_to=first))["seq"]
        assert (await socket.expect("message", seq=answer))["reply_to"] == first


async def test_a_moderator_can_delete_but_not_edit_a_message_of_a_member(server, alice, bob, kitchen):
    async with (
        signed_in(server, alice).open("kitchen") as alice_socket,
        signed_in(server, bob).open("kitchen") as bob_socket,
    ):
        await alice_socket.hello()
        await bob_socket.hello()
        seq = (await alice_socket.post("unkind"))["seq"]
        await bob_socket.ask("delete", seq=seq)
        assert await alice_socket.expect("message", seq=seq, deleted=True)
        with pytest.raises(Refused, match="not_yours"):
            await bob_socket.ask("edit", seq=seq, text="kinder")


async def test_a_refused_message_does_not_delay_the_others(ayu, budi):
    async with ayu.open("kitchen") as ayu_socket, budi.open("kitchen") as budi_socket:
        await ayu_socket.hello()
        await budi_socket.hello()
        for text in ("a", "", "b\x00", "c"):
            await ayu_socket.send("post", id=str(uuid.uuid4()), text=text)
        await budi_socket.expect("message", text="c")
        assert budi_socket.texts == ["a", "c"]
        await ayu_socket.expect("ack", seq=2)
        assert {error["code"] for error in ayu_socket.heard("error")} == {"empty", "characters"}


async def test_a_typing_notice_reaches_other_members_and_is_not_stored(ayu, budi):
    async with ayu.open("kitchen") as ayu_socket, budi.open("kitchen") as budi_socket:
        await ayu_socket.hello()
        await budi_socket.hello()
        await ayu_socket.send("typing")
        assert (await budi_socket.expect("typing"))["user"]["name"] == "Ayu"
    assert Room.objects.get(slug="kitchen").head == 0


async def test_a_new_display_name_is_used_without_a_reconnect(site, alice, bob, kitchen):
    server = site.start(OBROLAN_POST_BURST="1000", OBROLAN_POST_RATE="1000")
    async with signed_in(server, alice).open("kitchen") as alice_socket:
        await alice_socket.hello()
        assert await author_of(alice_socket) == "Alice"
        alice.name = "Alicia"
        alice.save()
        begun = time.monotonic()
        while await author_of(alice_socket) == "Alice":
            assert time.monotonic() - begun < 2
        while "Alicia" not in await names_in_kitchen(signed_in(server, bob)):
            assert time.monotonic() - begun < 4


async def test_messages_that_are_slow_to_render_do_not_delay_another_room(server, ayu):
    slow = "www.^" * 800
    async with (
        ayu.open("kitchen") as ayu_socket,
        (await guest(server, "Citra", "pantry")).open("pantry") as quiet,
    ):
        await ayu_socket.hello()
        await quiet.hello()
        begun = time.monotonic()
        for _ in range(12):
            await ayu_socket.send("post", id=str(uuid.uuid4()), text=slow)
        await quiet.post("Is it quiet here?")
        assert time.monotonic() - begun < 2
        await ayu_socket.expect("message", timeout=10, seq=12)


async def author_of(socket):
    ack = await socket.post("who am I")
    return (await socket.expect("message", seq=ack["seq"]))["author"]["name"]


async def names_in_kitchen(visitor):
    async with visitor.open("kitchen") as socket:
        return {person["name"] for person in (await socket.hello())["people"]}


async def test_messages_of_many_users_at_once_are_all_stored_and_have_one_order(server, ayu):
    people = [await guest(server, f"Visitor {number}", "kitchen") for number in range(8)]
    async with asyncio.TaskGroup() as group:
        for person in people:
            group.create_task(post_ten(person))
    async with ayu.open("kitchen") as socket:
        await socket.hello(since=0, epoch=str(Room.objects.get(slug="kitchen").epoch))
        await socket.ping()
        assert sorted(socket.messages) == list(range(1, 81))
        stored = Message.objects.order_by("seq").values_list("text", flat=True)
        assert socket.texts == list(stored)
        assert len(set(stored)) == 80


async def post_ten(person):
    async with person.open("kitchen") as socket:
        me = await socket.hello()
        for number in range(10):
            await socket.post(f"{me['user']['name']} {number}")
