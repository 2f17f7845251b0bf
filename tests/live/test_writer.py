"""The write queue: commands of a user keep their order, and long texts do not delay other users."""

import asyncio
import time
import uuid

import pytest

from chat.actions.messages import Draft
from chat.live import database
from chat.live.writing import renderer
from chat.live.writing.parts import ROOMS
from chat.live.writing.writer import BUSY, ENOUGH, Writer
from chat.refusals import Refusal

LONG = "**a*" * 1_000
ALICE, BOB, CHARLIE = 1, 2, 3


@pytest.fixture
def batches(monkeypatch):
    """Record the texts of each commit. No database is used."""
    batches = []

    async def commit(executor, work, commands):
        batches.append([command.text for command in commands])
        return [command.text for command in commands], []  # no hints

    monkeypatch.setattr(database, "run", commit)
    return batches


def draft(user_id, text, room_id=1):
    return Draft(room_id, user_id, uuid.uuid4(), text)


async def write(*commands):
    """Write the commands. Return the answers in the order of their arrival."""
    return await write_to(Writer(), *commands)


async def write_to(writer, *commands):
    answers = []
    for command in commands:
        writer.put(command, answers.append)
    await writer.finish()
    return answers


async def test_the_commands_of_a_user_keep_their_order_regardless_of_their_length(batches):
    texts = ["1", LONG + "2", "3", "4", LONG + "5", LONG + "6", "7"]
    assert await write(*(draft(ALICE, text) for text in texts)) == texts


async def test_short_messages_do_not_wait_for_the_long_ones_of_others(batches):
    answers = await write(*(draft(ALICE, LONG) for _ in range(20)), draft(BOB, "1"), draft(CHARLIE, "2"))
    assert answers[:2] == ["1", "2"]
    assert len(answers) == 22


async def test_long_texts_of_several_users_take_turns(batches):
    of_alice = [f"{LONG}alice{number}" for number in range(5)]
    of_bob = [f"{LONG}bob{number}" for number in range(2)]
    answers = await write(*(draft(ALICE, text) for text in of_alice), *(draft(BOB, text) for text in of_bob))
    assert answers == [of_alice[0], of_bob[0], of_alice[1], of_bob[1], *of_alice[2:]]


async def test_long_texts_are_rendered_before_the_commit(batches):
    command = draft(ALICE, LONG)
    await write(command)
    assert command.prepared.html.startswith("<p>")


async def test_a_refused_long_text_does_not_delay_the_next_command(batches):
    assert await write(draft(ALICE, "x" * 4_001), draft(ALICE, "after")) == ["x" * 4_001, "after"]


async def test_too_many_long_texts_are_refused_and_short_ones_are_not(batches):
    writer, answers = Writer(), []
    for _ in range(renderer.MAX_WAITING):
        writer.put(draft(ALICE, "x" * 300), answers.append)
    with pytest.raises(Refusal) as refused:
        writer.put(draft(BOB, "x" * 300), answers.append)
    assert refused.value.code == "busy" and refused.value.retry
    writer.put(draft(BOB, "short"), answers.append)
    await writer.finish()
    assert len(answers) == renderer.MAX_WAITING + 1


async def test_a_failing_callback_does_not_affect_other_answers(batches):
    writer, answers = Writer(), []
    writer.put(draft(ALICE, "1"), lambda result: 1 / 0)
    writer.put(draft(BOB, "2"), answers.append)
    await writer.finish()
    assert answers == ["2"]


async def test_under_load_a_commit_waits_for_more_commands_but_not_for_long(batches):
    writer, answers = Writer(), []
    writer._rate, writer._measured_at = 2 * BUSY, time.monotonic()
    for number in range(ENOUGH - 1):
        writer.put(draft(ALICE, str(number)), answers.append)
    for _ in range(50):  # turns of the event loop
        await asyncio.sleep(0)
    assert batches == []
    writer.put(draft(BOB, "enough"), answers.append)
    await writer.finish()
    assert [len(batch) for batch in batches] == [ENOUGH]
    writer._rate = 2 * BUSY
    assert await write_to(writer, draft(ALICE, "alone")) == ["alone"]


async def test_two_people_who_answer_each_other_are_no_load(batches):
    """However fast they are: no command arrives while the other one is committed."""
    writer = Writer()
    for number in range(100):
        assert await write_to(writer, draft((ALICE, BOB)[number % 2], "hi")) == ["hi"]
    assert writer._rate == 0


async def test_commands_that_arrive_during_commits_are_load(monkeypatch):
    commits = []

    async def commit(executor, work, commands):
        commits.append(len(commands))
        if len(commits) < 20:
            writer.put(draft(BOB, "meanwhile"), lambda result: None)
        await asyncio.sleep(0.001)
        return ["done"] * len(commands), []

    monkeypatch.setattr(database, "run", commit)
    writer = Writer()
    assert await write_to(writer, draft(ALICE, "first")) == ["done"]
    assert writer._rate > 0


async def test_load_is_forgotten_when_nobody_writes(batches):
    writer = Writer()
    writer._rate = 100 * BUSY
    assert await write_to(writer, draft(ALICE, "an hour later")) == ["an hour later"]
    assert writer._rate == 0


# ── commits of many rooms ────────────────────────────────────────────────────────────────────────

MANY = range(1, 4 * ROOMS)  # ids of rooms


def changes(room_ids):
    """The hint of a commit that changed these rooms."""
    runs = [(room_id, "epoch", 1, ["{}"]) for room_id in room_ids]
    return "processes", {"type": "changes", "room": 0, "epoch": "", "runs": runs}


@pytest.fixture
def published(monkeypatch):
    """The ids of rooms whose changes were published, and the hints for the other processes."""
    own, others = [], []

    def publish(hints, for_others=None):
        own.extend(run[0] for _, hint in hints for run in hint.get("runs", [["other"]]))
        others.extend(hints if for_others is None else for_others)

    monkeypatch.setattr("chat.events.publish", publish)
    return own, others


async def test_the_rooms_of_a_commit_are_served_in_turns_and_other_processes_get_one_hint(
    monkeypatch, published
):
    hints = [changes(MANY), ("processes", {"type": "revoke", "user": ALICE})]

    async def commit(executor, work, commands):
        return [command.text for command in commands], hints

    monkeypatch.setattr(database, "run", commit)
    writer, events = Writer(), []
    own, others = published
    for room_id in MANY:
        writer.put(draft(ALICE, str(room_id), room_id), lambda text: events.append((text, len(own))))
    while not events:
        await asyncio.sleep(0)
    assert len(events) == ROOMS and own == list(MANY[:ROOMS]) and others == hints
    await writer.finish()
    assert own == [*MANY, "other"] and others == hints
    assert events == [(str(id), (id - 1) // ROOMS * ROOMS) for id in MANY]  # answered before its part is sent


async def test_a_commit_begins_while_the_last_one_is_answered_and_is_answered_after_it(
    monkeypatch, published
):
    own, _ = published
    answers, served = [], []

    async def commit(executor, work, commands):
        served.append(len(answers))
        return [command.text for command in commands], [changes({command.room_id for command in commands})]

    monkeypatch.setattr(database, "run", commit)
    writer = Writer()

    def again(text):
        answers.append(text)
        if text == "first":
            writer.put(draft(ALICE, "second"), again)

    for room_id in MANY:
        writer.put(draft(ALICE, "first", room_id), again)
    await writer.finish()
    assert answers == ["first"] * len(MANY) + ["second"] * len(MANY)
    assert served[0] == 0 and 0 < served[1] < len(MANY)
    assert own[: len(MANY)] == list(MANY)


async def test_a_failure_to_publish_does_not_keep_anybody_from_an_answer(monkeypatch):
    async def commit(executor, work, commands):
        return [command.text for command in commands], [changes({command.room_id for command in commands})]

    monkeypatch.setattr(database, "run", commit)
    monkeypatch.setattr("chat.events.publish", lambda hints, others=None: 1 / 0)
    writer = Writer()
    for _ in range(2):
        commands = [draft(ALICE, str(room_id), room_id) for room_id in MANY]
        assert await write_to(writer, *commands) == [str(room_id) for room_id in MANY]
