"""A database that is not there: whoever waits is told soon, and served again as soon as it is back."""

import asyncio
import time
import uuid

import httpx

from chat.actions.messages import Draft
from chat.live import database
from chat.live.writing import writer

from .stage import Stage

AT_ONCE = 60  # requests; three times the connections and threads there are
TOLD_WITHIN = 8  # seconds


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


async def test_pages_say_busy_while_the_database_is_away_and_come_back_with_it(full, folder):
    with Stage(folder, processes=1) as stage:
        cast = stage.cast(people=1, rooms=1)
        (port,) = stage.open_doors()
        cookies = {"sessionid": cast["people"][0]["cookie"]}
        async with httpx.AsyncClient(
            base_url=f"http://127.0.0.1:{port}", cookies=cookies, timeout=30
        ) as person:
            assert (await person.get("/rooms/room-0/")).status_code == 200
            stage.postgres.crash()
            begun = time.monotonic()
            answers = await asyncio.gather(*(person.get("/rooms/room-0/") for _ in range(AT_ONCE)))
            assert time.monotonic() - begun < TOLD_WITHIN
            assert {answer.status_code for answer in answers} == {503}
            assert all(int(answer.headers["retry-after"]) > 0 for answer in answers)
            assert (await person.get("/healthz")).status_code == 200
            stage.postgres.start()
            assert (await person.get("/rooms/room-0/")).status_code == 200
        assert stage.complaints() == []
