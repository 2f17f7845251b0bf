"""A decision reaches open sockets within two seconds.

The test itself makes the decisions. Like a cron job, it publishes nothing to the channel layer. So every
event arrives by the heartbeat, as with a dead Redis.
"""

import asyncio
import time
from datetime import timedelta

import pytest

from chat.actions import people, sanctions
from chat.models import User
from tests.wire import WITHIN, Refused, guest, signed_in

NO_ACCESS = 4403
KINDS = {"warning": "warning", "mute": "mute", "removal": "removed", "ban": "banned"}
CODES = {"warning": "acknowledge_first", "mute": "muted"}


async def impose(kind, person, by, room, **fields):
    return await asyncio.to_thread(sanctions.impose, kind, person, by=by, room=room, reason="Spam", **fields)


@pytest.mark.parametrize("site_wide", [False, True])
@pytest.mark.parametrize("kind", ["warning", "mute"])
async def test_a_person_who_may_not_write_any_more_is_told_until_it_is_lifted(
    server, root, alice, bob, kitchen, kind, site_wide
):
    async with (
        signed_in(server, alice).open("kitchen") as socket,
        signed_in(server, bob).open("kitchen") as bystander,
        signed_in(server, alice).open_lobby() as lobby,
    ):
        for each in (socket, bystander, lobby):
            await each.hello()
        await socket.post("before")
        room = None if site_wide else kitchen
        sanction = await impose(kind, alice, root, room, duration=timedelta(hours=1))
        told = await socket.expect("sanction", WITHIN, id=sanction.pk, kind=KINDS[kind])
        assert (told["reason"], told.get("room"), told["appeal"]) == (
            "Spam",
            None if site_wide else "kitchen",
            "possible",
        )
        await lobby.expect("sanction", WITHIN, id=sanction.pk)
        with pytest.raises(Refused) as refused:
            await socket.post("after")
        assert refused.value.code == CODES[kind]
        await socket.send("typing")
        await asyncio.to_thread(sanctions.lift, sanction, by=root)
        await socket.expect("sanction", WITHIN, id=sanction.pk, ended=True)
        await socket.post("lifted")
        await bystander.expect("message", text="lifted")
        assert bystander.texts == ["before", "lifted"]
        assert not bystander.heard("sanction") and not bystander.heard("typing")


@pytest.mark.parametrize(("kind", "site_wide"), [("removal", False), ("ban", False), ("ban", True)])
async def test_a_person_who_is_kept_out_is_told_and_disconnected(
    server, root, alice, kitchen, kind, site_wide
):
    person = signed_in(server, alice)
    async with person.open("kitchen") as socket, person.open_lobby() as lobby:
        await socket.hello()
        await lobby.hello()
        sanction = await impose(kind, alice, root, None if site_wide else kitchen)
        told = await socket.expect("sanction", WITHIN, id=sanction.pk, kind=KINDS[kind])
        assert told["reason"] == "Spam"
        assert await socket.closed(WITHIN) == NO_ACCESS
        if site_wide:
            assert await lobby.closed(WITHIN) == NO_ACCESS
        else:
            await lobby.expect("sanction", WITHIN, id=sanction.pk)
    async with person.open("kitchen") as again:
        await again.expect("sanction", id=sanction.pk)
        assert await again.closed() == NO_ACCESS
    await asyncio.to_thread(sanctions.lift, sanction, by=root)
    async with person.open("kitchen") as back:
        await back.hello()
        await back.post("back")


async def test_a_mute_ends_by_itself_and_not_before_its_time(server, bob, alice, kitchen):
    async with signed_in(server, alice).open("kitchen") as socket:
        await socket.hello()
        mute = await impose("mute", alice, bob, kitchen, duration=timedelta(seconds=3))
        await socket.expect("sanction", WITHIN, id=mute.pk)
        while True:
            try:
                await socket.post("at last")
                break
            except Refused as refused:
                assert refused.code in ("muted", "too_fast")
                await asyncio.sleep(0.05)
        assert 0 <= time.time() - mute.ends_at.timestamp() < WITHIN
        await socket.expect("sanction", WITHIN, id=mute.pk, ended=True)


async def test_events_lead_to_the_same_state_as_a_new_socket_reads(server, root, alice, bob, kitchen, vault):
    person = signed_in(server, alice)
    states = {}
    async with person.open("kitchen") as socket:
        await socket.hello()
        first = await impose("mute", alice, bob, kitchen, duration=timedelta(hours=1))
        second = await impose("warning", alice, root, None)
        await impose("mute", alice, bob, vault)  # another room
        await socket.expect("sanction", WITHIN, id=first.pk)
        await socket.expect("sanction", WITHIN, id=second.pk)
        await asyncio.to_thread(sanctions.appeal, first, "It was not me", person=alice)
        states[first.pk] = await socket.expect("sanction", WITHIN, id=first.pk, appeal="sent")
        await asyncio.to_thread(sanctions.acknowledge, second, person=alice)
        await socket.expect("sanction", WITHIN, id=second.pk, ended=True)
        answer = {"by": bob, "answer": "It was", "lifts": False}
        await asyncio.to_thread(sanctions.answer_appeal, first, **answer)
        states[first.pk] = await socket.expect("sanction", WITHIN, id=first.pk, appeal="answered")
    async with person.open("kitchen") as fresh:
        await fresh.hello()
        await fresh.synced()
        assert {event["id"]: event for event in fresh.heard("sanction")} == states


async def test_a_ban_of_an_address_disconnects_the_guests_from_it_and_nobody_else(
    server, root, alice, kitchen
):
    ayu = await guest(server, "Ayu", "kitchen")
    async with ayu.open("kitchen") as out, signed_in(server, alice).open("kitchen") as stays:
        await out.hello()
        await stays.hello()
        address = User.objects.get(name="Ayu").entry_ip
        ban = {"by": root, "reason": "Spam", "duration": timedelta(hours=1)}
        await asyncio.to_thread(sanctions.ban_address, address, **ban)
        told = await out.expect("sanction", WITHIN, kind="banned")
        assert "appeal" not in told
        assert await out.closed(WITHIN) == NO_ACCESS
        await stays.post("same address, but an account")
    assert (await ayu.get("/")).status_code == 403


async def test_a_banned_persons_messages_disappear_and_come_back(server, root, alice, bob, kitchen):
    person, other = signed_in(server, alice), signed_in(server, bob)
    async with person.open("kitchen") as author, other.open("kitchen") as b:
        await author.hello()
        await b.hello()
        await author.post("spam")
        ban = await impose("ban", alice, root, kitchen, hides_messages=True)
        await b.expect("message", WITHIN, hidden=True)
        assert b.texts == [""]
        await asyncio.to_thread(sanctions.lift, ban, by=root)
        await b.expect("message", WITHIN, text="spam", hidden=False, deleted=False, rev=3)


async def test_a_deactivated_account_is_disconnected(server, root, alice, kitchen):
    async with signed_in(server, alice).open("kitchen") as socket:
        await socket.hello()
        await asyncio.to_thread(people.deactivate, alice, by=root, reason="Stolen")
        await socket.expect("sanction", WITHIN, kind="deactivated")
        assert await socket.closed(WITHIN) == NO_ACCESS
