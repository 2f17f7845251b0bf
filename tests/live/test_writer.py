"""The writer's queue: commands of one person keep their order, and long texts delay nobody else."""

import uuid

import pytest

from chat.actions.messages import Draft
from chat.live import database
from chat.live.writing import renderer
from chat.live.writing.writer import Writer
from chat.refusals import Refusal

HARD = "**a*" * 1_000
ALICE, BOB, CHARLIE = 1, 2, 3


@pytest.fixture
def batches(monkeypatch):
    """The texts of each commit, instead of a database."""
    batches = []

    async def commit(executor, work, commands):
        batches.append([command.text for command in commands])
        return [command.text for command in commands]

    monkeypatch.setattr(database, "run", commit)
    return batches


def draft(person, words):
    return Draft(1, person, uuid.uuid4(), words)


async def written(*commands):
    """The answers, in the order in which they came."""
    writer, answers = Writer(), []
    for command in commands:
        writer.put(command, answers.append)
    await writer.finish()
    return answers


async def test_the_commands_of_one_person_keep_their_order_whatever_their_length(batches):
    words = ["1", HARD + "2", "3", "4", HARD + "5", HARD + "6", "7"]
    assert await written(*(draft(ALICE, each) for each in words)) == words


async def test_short_messages_do_not_wait_for_the_long_ones_of_others(batches):
    answers = await written(*(draft(ALICE, HARD) for _ in range(20)), draft(BOB, "1"), draft(CHARLIE, "2"))
    assert answers[:2] == ["1", "2"]
    assert len(answers) == 22


async def test_long_texts_of_several_people_take_turns(batches):
    hers, his = [f"{HARD}hers{number}" for number in range(5)], [f"{HARD}his{number}" for number in range(2)]
    answers = await written(*(draft(ALICE, words) for words in hers), *(draft(BOB, words) for words in his))
    assert answers == [hers[0], his[0], hers[1], his[1], *hers[2:]]


async def test_long_texts_are_rendered_before_the_commit(batches):
    command = draft(ALICE, HARD)
    await written(command)
    assert command.html.startswith("<p>")


async def test_a_long_text_that_is_refused_holds_up_nothing(batches):
    assert await written(draft(ALICE, "x" * 4_001), draft(ALICE, "after")) == ["x" * 4_001, "after"]


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


async def test_an_answer_that_cannot_be_given_keeps_nobody_from_theirs(batches):
    writer, answers = Writer(), []
    writer.put(draft(ALICE, "1"), lambda result: 1 / 0)
    writer.put(draft(BOB, "2"), answers.append)
    await writer.finish()
    assert answers == ["2"]
