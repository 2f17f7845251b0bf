"""During a database outage clients get an error soon. Afterwards they are served again at once."""

import asyncio
import time
import uuid

import httpx

from chat.actions.messages import Draft
from chat.live import database
from chat.live.writing import writer

from .environment import Environment

CONCURRENT_REQUESTS = 60  # three times the number of database connections and threads
ANSWER_LIMIT = 8  # seconds


async def test_one_failed_attempt_answers_every_command_that_waits_for_the_database(monkeypatch):
    attempts, answers = [], []

    async def fail(executor, work, commands):
        attempts.append(len(commands))
        raise database.OperationalError("couldn't get a connection after 3.00 sec")

    monkeypatch.setattr(database, "run", fail)
    queue = writer.Writer()
    for _ in range(3 * writer.BATCH):
        queue.put(Draft(1, 1, uuid.uuid4(), "hi"), answers.append)
    await queue.finish()
    assert attempts == [writer.BATCH]
    assert [answer.code for answer in answers] == ["unavailable"] * 3 * writer.BATCH


async def test_pages_answer_503_during_a_database_outage_and_work_again_afterwards(full, folder):
    with Environment(folder, processes=1) as environment:
        fixtures = environment.create_fixtures(clients=1, rooms=1)
        (port,) = environment.start_web()
        cookies = {"sessionid": fixtures["clients"][0]["cookie"]}
        async with httpx.AsyncClient(
            base_url=f"http://127.0.0.1:{port}", cookies=cookies, timeout=30
        ) as client:
            assert (await client.get("/rooms/room-0/")).status_code == 200
            environment.postgres.crash()
            started = time.monotonic()
            answers = await asyncio.gather(
                *(client.get("/rooms/room-0/") for _ in range(CONCURRENT_REQUESTS))
            )
            assert time.monotonic() - started < ANSWER_LIMIT
            assert {answer.status_code for answer in answers} == {503}
            assert all(int(answer.headers["retry-after"]) > 0 for answer in answers)
            assert (await client.get("/healthz")).status_code == 200
            environment.postgres.start()
            assert (await client.get("/rooms/room-0/")).status_code == 200
        assert environment.complaints() == []
