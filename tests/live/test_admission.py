"""Caps hold over all web processes: for a person, an address, and newcomers."""

import asyncio
import time
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack, asynccontextmanager

import pytest

from chat.live import census
from tests.web import WebProcess
from tests.wire import Person, enter, signed_in

CROWDED = 4409
SPREAD = 5  # seconds in which what was opened in one process is known in another, on a busy machine
BACK_WITHIN = 1.5  # seconds after a process has ended well; a killed one is missed for longer
LET_IN_WITHIN = 6  # seconds after a process was killed; half of them are census.DEAD_AFTER


@pytest.fixture(autouse=True)
def full(stack, request):
    if "site" in request.fixturenames and not stack.full:
        pytest.skip("two processes need Redis to know of each other")


async def fill(tabs: AsyncExitStack, person: Person, number: int) -> None:
    for _ in range(number):
        assert await enter(tabs, person) != CROWDED


async def refused_soon(person: Person) -> bool:
    """Whether one socket more is refused, once the processes have told each other."""
    until = time.monotonic() + SPREAD
    while time.monotonic() < until:
        async with AsyncExitStack() as tab:
            if await enter(tab, person) == CROWDED:
                return True
    return False


@asynccontextmanager
async def ten_in_two_processes(
    site, user, here: int
) -> AsyncIterator[tuple[AsyncExitStack, Person, WebProcess]]:
    """A person with as many sockets `here` and the rest of ten in the other process, which both know of."""
    first, other = site.start(), site.start()
    person = signed_in(first, user)
    async with AsyncExitStack() as tabs:
        await fill(tabs, person, here)
        await fill(tabs, person.at(other), 10 - here)
        assert await refused_soon(person)
        yield tabs, person, other


async def test_a_person_has_ten_sockets_in_all_processes_together(site, alice, bob, kitchen):
    async with ten_in_two_processes(site, alice, here=5) as (tabs, person, there):
        assert await refused_soon(person.at(there))
        await fill(tabs, signed_in(there, bob), 1)


async def test_a_process_that_starts_later_learns_who_is_there(site, alice, kitchen):
    person = signed_in(site.start(), alice)
    async with AsyncExitStack() as tabs:
        await fill(tabs, person, 10)
        assert await refused_soon(person.at(site.start()))


async def test_an_address_has_its_sockets_in_all_processes_together(site, alice, bob, kitchen):
    few = {"OBROLAN_SOCKETS_PER_ADDRESS": "4"}
    here, there = site.start(**few), site.start(**few)
    async with AsyncExitStack() as tabs:
        await fill(tabs, signed_in(here, alice), 2)
        await fill(tabs, signed_in(there, alice), 2)
        assert await refused_soon(signed_in(here, bob))
        assert await refused_soon(signed_in(there, bob))


async def test_who_was_in_a_process_that_was_killed_is_let_in_at_once_or_seconds_later_but_never_refused(
    site, alice, kitchen
):
    async with ten_in_two_processes(site, alice, here=4) as (tabs, person, there):
        there.kill()
        begun = time.monotonic()
        back = await asyncio.gather(*(enter(tabs, person) for _ in range(6)))
        assert CROWDED not in back
        assert time.monotonic() - begun < LET_IN_WITHIN
        assert await refused_soon(person)


async def test_who_was_in_a_process_that_drained_comes_back_without_waiting(site, alice, kitchen):
    async with ten_in_two_processes(site, alice, here=4) as (tabs, person, there):
        assert await asyncio.to_thread(there.terminate) == 0
        begun = time.monotonic()
        assert CROWDED not in await asyncio.gather(*(enter(tabs, person) for _ in range(6)))
        assert time.monotonic() - begun < BACK_WITHIN


async def test_with_redis_away_each_process_counts_for_itself_and_with_redis_back_they_count_together(
    site, stack, alice, kitchen
):
    async with ten_in_two_processes(site, alice, here=5) as (tabs, person, there):
        stack.valkey.kill()
        try:
            one_more = await enter(tabs, person)
            assert one_more != CROWDED
            await one_more.post("no socket was closed")
            await fill(tabs, person, 4)
            assert await enter(tabs, person) == CROWDED  # of its own
        finally:
            stack.valkey.start()
        assert await refused_soon(person.at(there))


async def test_newcomers_of_an_address_are_counted_in_all_processes_together(site):
    few = {"OBROLAN_SOCKETS_PER_ADDRESS": "4"}
    servers = [site.start(**few), site.start(**few)]
    until = time.monotonic() + SPREAD
    answers = []
    while 429 not in answers and time.monotonic() < until:
        answers.append(await come(servers[len(answers) % 2], f"Ayu {len(answers)}"))
    assert 4 <= answers.count(302) <= 6
    assert await come(servers[len(answers) % 2], "Budi") == 429  # nor at the other's door


async def come(server, name: str) -> int:
    return (await Person(server).submit("/", username=name, room="kitchen")).status_code


# ── the news, without a network ──────────────────────────────────────────────────────────────────


class Clock:
    now = 1_000.0

    def __call__(self) -> float:
        return self.now


@pytest.fixture
def clock(monkeypatch):
    monkeypatch.setattr(census, "monotonic", Clock())
    return census.monotonic


def talk(*processes: census.Census, lost: bool = False) -> None:
    """Half a second of gossip."""
    for _ in range(5):
        census.monotonic.now += 0.1
        for news in [process.news() for process in processes]:
            if news and not lost:
                for process in processes:
                    process.hear(news)


def test_news_that_was_lost_is_asked_for(clock):
    a, b = census.Census("a"), census.Census("b")
    talk(a, b)
    a.add("p7")
    talk(a, b, lost=True)
    assert b.everywhere("p7") == 0
    for _ in range(6):
        talk(a, b)
    assert b.everywhere("p7") == 1
    a.remove("p7")
    talk(a, b)
    assert b.everywhere("p7") == 0


def test_late_and_repeated_news_changes_nothing(clock):
    a, b = census.Census("a"), census.Census("b")
    talk(a, b)
    a.add("p7")
    old = a.news()
    a.remove("p7")
    new = a.news()
    for news in (old, new, old, new):
        b.hear(news)
    assert b.everywhere("p7") == 0


def test_the_counts_of_the_dead_vanish_and_those_of_the_silent_come_back(clock):
    a, b = census.Census("a"), census.Census("b")
    a.add("p7")
    talk(a, b)
    for _ in range(8):
        talk(b)
    assert b.everywhere("p7") == 0
    for _ in range(6):
        talk(a, b)
    assert b.everywhere("p7") == 1


def test_who_has_nothing_to_tell_says_once_a_second_that_it_lives(clock):
    a = census.Census("a")
    talk(a)
    said = []
    for _ in range(100):
        clock.now += 0.1
        said += filter(None, [a.news()])
    assert 9 <= len(said) <= 10
    assert all(news["counts"] == {} for news in said)
