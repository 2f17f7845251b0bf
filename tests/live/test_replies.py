"""Replies: the quote of the original, which follows each change of it."""

import asyncio

import pytest

from chat.mention_tokens import as_text
from chat.models import Room
from chat.text import excerpt
from tests.wire import Refused, guest, signed_in

RACES = 20


class Screen:
    """A client's messages by seq. A change of a message also changes the quotes of its replies."""

    def __init__(self, socket):
        self.messages = {}
        self.socket, self.apply_to_socket = socket, socket.apply
        socket.apply = self.apply

    def apply(self, event):
        self.apply_to_socket(event)
        if event["type"] != "message" or self.socket.messages[event["seq"]] is not event:
            return
        self.messages[event["seq"]] = event
        for reply in self.messages.values():
            if reply.get("quote", {}).get("seq") == event["seq"]:
                reply["quote"] = quote_of(event)


def quote_of(message):
    text = excerpt(as_text(message["text"], message.get("mentions", {})))
    quoted = {name: message[name] for name in ("seq", "author", "deleted", "hidden")}
    return {**quoted, "text": "" if message["deleted"] else text}


async def stored(person, slug="kitchen"):
    """The messages by seq, as a page that is loaded now shows them."""
    history = (await person.get(f"/rooms/{slug}/messages/?limit=100")).json()
    return {message["seq"]: message for message in history["messages"]}


async def test_a_reply_quotes_the_author_and_the_first_line_of_the_original(ayu, budi):
    async with ayu.open("kitchen") as hers, budi.open("kitchen") as his:
        me = (await hers.hello())["user"]
        await his.hello()
        first = (await hers.post("> Is *anybody* hungry?\n\nI am."))["seq"]
        answer = (await his.post("Always", reply_to=first))["seq"]
        seen = await hers.expect("message", seq=answer)
    text = "Is anybody hungry?"
    assert seen["quote"] == {"seq": first, "author": me, "text": text, "deleted": False, "hidden": False}
    assert (await stored(ayu))[answer] == seen


async def test_a_reply_to_a_reply_quotes_the_reply(ayu):
    async with ayu.open("kitchen") as socket:
        await socket.hello()
        first = (await socket.post("one"))["seq"]
        second = (await socket.post("two", reply_to=first))["seq"]
        third = (await socket.post("three", reply_to=second))["seq"]
        seen = await socket.expect("message", seq=third)
    assert (seen["quote"]["seq"], seen["quote"]["text"]) == (second, "two")


async def test_a_reply_to_a_message_of_another_room_is_refused(server, alice, kitchen, vault):
    member = signed_in(server, alice)
    async with member.open("vault") as inside, member.open("kitchen") as outside:
        await inside.hello()
        await outside.hello()
        for text in ("secret", "more secret"):
            seq = (await inside.post(text))["seq"]
        await outside.post("hello")
        with pytest.raises(Refused, match="no_message"):
            await outside.post("What is said there?", reply_to=seq)
        await outside.expect("message", text="hello")  # through the channel layer, later than the ack
        assert outside.texts == ["hello"]
    assert Room.objects.get(slug="kitchen").head == 1


async def test_quotes_follow_each_change_of_the_original(server, alice, bob, kitchen):
    member, moderator = signed_in(server, alice), signed_in(server, bob)
    async with member.open("kitchen") as hers, moderator.open("kitchen") as his:
        screen = Screen(his)
        await hers.hello()
        await his.hello()
        first = (await hers.post("Tea at *four*"))["seq"]
        answer = (await his.post("Fine", reply_to=first))["seq"]
        changes = [
            (hers, "edit", {"text": f"Tea at five, <@{bob.pk}>"}, {"text": "Tea at five, @Bob"}),
            (hers, "delete", {}, {"text": "", "deleted": True, "hidden": False}),
            (hers, "restore", {}, {"text": "Tea at five, @Bob", "deleted": False}),
            (his, "delete", {}, {"text": "", "deleted": True, "hidden": True}),
            (his, "restore", {}, {"text": "Tea at five, @Bob", "deleted": False, "hidden": False}),
        ]
        for socket, command, fields, expected in changes:
            rev = (await socket.ask(command, seq=first, **fields))["rev"]
            await his.wait_for_head(rev)
            assert screen.messages[answer]["quote"].items() >= expected.items()
            assert screen.messages == await stored(member)


async def test_a_reply_to_a_deleted_message_is_stored_and_quotes_a_tombstone(ayu, budi):
    async with ayu.open("kitchen") as hers, budi.open("kitchen") as his:
        await hers.hello()
        await his.hello()
        first = (await hers.post("Never mind"))["seq"]
        await hers.ask("delete", seq=first)
        answer = (await his.post("I do", reply_to=first))["seq"]
        seen = await hers.expect("message", seq=answer)
    assert (seen["quote"]["text"], seen["quote"]["deleted"]) == ("", True)


async def test_a_deleted_reply_quotes_nothing(ayu):
    async with ayu.open("kitchen") as socket:
        await socket.hello()
        first = (await socket.post("one"))["seq"]
        answer = (await socket.post("two", reply_to=first))["seq"]
        await socket.ask("delete", seq=answer)
        assert "quote" not in await socket.expect("message", seq=answer, deleted=True)
    assert "quote" not in (await stored(ayu))[answer]


@pytest.mark.parametrize("processes", [1, 2])
async def test_a_reply_and_an_edit_at_the_same_moment_end_alike_on_every_screen(site, processes):
    servers = [site.start(OBROLAN_POST_RATE="1000") for _ in range(processes)]
    ayu = await guest(servers[0], "Ayu", "kitchen")
    budi = (await guest(servers[0], "Budi", "kitchen")).at(servers[-1])
    async with ayu.open("kitchen") as hers, budi.open("kitchen") as his:
        me = (await hers.hello())["user"]["id"]
        await his.hello()
        screens = [Screen(hers), Screen(his)]
        for number in range(RACES):
            first = (await hers.post(f"before {number}"))["seq"]
            edit = hers.ask("edit", seq=first, text=f"after {number} <@{me}>")
            delete = hers.ask("delete", seq=first)
            await asyncio.gather(
                edit, his.post(f"reply {number}", reply_to=first), *([delete] if number % 2 else [])
            )
            if number % 2 == 0:
                delete.close()
        head = Room.objects.get(slug="kitchen").head
        for socket in (hers, his):
            await socket.wait_for_head(head)
        fresh = await stored(ayu)
    assert len(fresh) == 2 * RACES
    for screen in screens:
        assert screen.messages == fresh


async def test_a_client_that_was_away_learns_how_the_original_has_changed(ayu, budi):
    async with ayu.open("kitchen") as hers:
        await hers.hello()
        first = (await hers.post("before"))["seq"]
        async with budi.open("kitchen") as his:
            screen = Screen(his)
            epoch = (await his.hello())["epoch"]
            head = (await his.synced())["head"]
            answer = (await his.post("reply", reply_to=first))["seq"]
            await his.expect("message", seq=answer)
            head = his.head
        await hers.ask("edit", seq=first, text="after")
        async with budi.open("kitchen") as again:
            later = Screen(again)
            later.messages = screen.messages
            await again.hello(since=head, epoch=epoch)
            await again.synced()
            assert later.messages == await stored(budi)
            assert later.messages[answer]["quote"]["text"] == "after"
