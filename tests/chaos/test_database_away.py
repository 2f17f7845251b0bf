"""A database that is not there: everybody who waits is told at once, not batch after batch."""

import uuid

from chat.actions.messages import Draft
from chat.live import database, writer


async def test_all_who_wait_for_a_database_that_is_away_are_told_after_one_try(monkeypatch):
    tries, answers = [], []

    async def away(executor, work, commands):
        tries.append(len(commands))
        raise database.OperationalError("couldn't get a connection after 3.00 sec")

    monkeypatch.setattr(database, "run", away)
    waiting = writer.Writer()
    for _ in range(3 * writer.BATCH):
        waiting.put(Draft(1, 1, uuid.uuid4(), "hi"), answers.append)
    await waiting.finish()
    assert tries == [writer.BATCH]
    assert [answer.code for answer in answers] == ["unavailable"] * 3 * writer.BATCH
