"""Deletions that are taken back: one's own for a minute, and those of others by moderators at any time."""

from datetime import timedelta

import pytest

from chat import frames
from chat.models import Message, Room
from tests.wire import Refused, signed_in

LATER = timedelta(seconds=61)


def stored(seq):
    """The message as a page that is loaded now shows it."""
    return frames.message(Message.objects.with_state().get(seq=seq))


def age_deletion():
    message = Message.objects.get()
    Message.objects.update(deleted_at=message.deleted_at - LATER)


async def test_an_author_restores_a_deleted_message_for_everybody(ayu, budi):
    async with ayu.open("kitchen") as hers, budi.open("kitchen") as his:
        await hers.hello()
        await his.hello()
        seq = (await hers.post("Tea at *four*"))["seq"]
        await hers.ask("react", seq=seq, emoji="👍", on=True)
        await hers.ask("delete", seq=seq)
        await his.expect("message", seq=seq, deleted=True)
        ack = await hers.ask("restore", seq=seq)
        restored = await his.expect("message", seq=seq, rev=ack["rev"])
        assert restored["html"] == "<p>Tea at <em>four</em></p>" and list(restored["reactions"]) == ["👍"]
        state = stored(seq)
        assert (restored["text"], restored["rev"], restored["deleted"]) == (state.text, state.rev, False)
        assert (await hers.ask("restore", seq=seq))["rev"] == ack["rev"], "a second time changes nothing"
    assert Room.objects.get(slug="kitchen").head == ack["rev"]


async def test_an_author_cannot_restore_after_a_minute_and_other_members_never(
    server, alice, charlie, kitchen
):
    async with (
        signed_in(server, alice).open("kitchen") as hers,
        signed_in(server, charlie).open("kitchen") as his,
    ):
        await hers.hello()
        await his.hello()
        seq = (await hers.post("Gone"))["seq"]
        await hers.ask("delete", seq=seq)
        with pytest.raises(Refused, match="not_yours"):
            await his.ask("restore", seq=seq)
        age_deletion()
        with pytest.raises(Refused, match="too_late") as refused:
            await hers.ask("restore", seq=seq)
        assert refused.value.event["retry"] is False
        assert stored(seq).deleted


async def test_a_moderator_restores_at_any_time_and_an_author_never_what_was_hidden(
    server, alice, bob, kitchen
):
    async with (
        signed_in(server, alice).open("kitchen") as hers,
        signed_in(server, bob).open("kitchen") as his,
    ):
        await hers.hello()
        await his.hello()
        seq = (await hers.post("Unkind"))["seq"]
        await his.ask("delete", seq=seq)
        await hers.expect("message", seq=seq, hidden=True)
        with pytest.raises(Refused, match="not_yours"):
            await hers.ask("restore", seq=seq)
        age_deletion()
        await his.ask("restore", seq=seq)
        restored = await hers.expect("message", seq=seq, deleted=False, rev=3)
        assert restored["text"] == "Unkind" and not restored["hidden"]


async def test_an_author_cannot_take_back_a_deletion_after_a_moderator_hid_the_message_too(
    server, alice, bob, kitchen
):
    async with (
        signed_in(server, alice).open("kitchen") as hers,
        signed_in(server, bob).open("kitchen") as his,
    ):
        await hers.hello()
        await his.hello()
        seq = (await hers.post("Unkind"))["seq"]
        ack = await hers.ask("delete", seq=seq)
        hidden = await his.ask("delete", seq=seq)
        assert hidden["rev"] == ack["rev"] + 1
        await hers.expect("message", seq=seq, hidden=True)
        assert (await hers.ask("delete", seq=seq))["rev"] == hidden["rev"], "it stays hidden"
        with pytest.raises(Refused, match="not_yours"):
            await hers.ask("restore", seq=seq)
        assert stored(seq).hidden
