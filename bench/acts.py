"""A room of 10,000 messages with replies, mentions, reactions and edits, compared with one of plain messages.

Measures opening the page, scrolling back and resuming, in turns between the two rooms. Prints a table; the
exit status is 1 if one of them takes more than 1.3 times as long.

python -m bench.acts full        PostgreSQL (or embedded: SQLite)
"""

from __future__ import annotations

import os
import sys
import uuid
from collections.abc import Callable
from time import perf_counter

from tests.web import Stack

MESSAGES = 10_000
BATCH = 500
PEOPLE = 20
# Every nth message is a reply, mentions two people, has three reactions, or was edited.
REPLY, MENTION, REACTIONS, EDIT = 3, 7, 4, 10
ROUNDS, WARM_UP = 60, 5
MISSED = 150  # changes that a client resumes
MOST = 1.3  # times as long
TEXT = "Message {0}: the kettle is on, who wants tea and who wants coffee?"


def main(kind: str = "full") -> int:
    with Stack(kind) as stack, stack.site() as site:
        for name in ("DATABASE_URL", "REDIS_URL"):
            os.environ.pop(name, None)
        os.environ.update({**site.env, "DJANGO_SETTINGS_MODULE": "chatproject.settings"})
        import django

        django.setup()
        plain, acted = fill()
        return report(kind, measure_in_turns(plain, acted))


def fill():
    """Two rooms with the same texts, the second also with everything else."""
    from django.db import connection

    from chat.models import Membership, Room, User

    people = [User.objects.create_user(f"p{n}", name=f"Person {n}") for n in range(PEOPLE)]
    rooms = [Room.objects.create(slug=slug, name=slug) for slug in ("plain", "acted")]
    Membership.objects.bulk_create(Membership(room=room, user=one) for room in rooms for one in people)
    write(rooms[0], people, acted=False)
    write(rooms[1], people, acted=True)
    with connection.cursor() as cursor:
        cursor.execute("ANALYZE")
    for room in rooms:
        room.refresh_from_db()
    return rooms


def write(room, people, *, acted: bool) -> None:
    from chat.actions.changes import Edit, React
    from chat.actions.messages import Draft, post

    seqs: dict[int, int] = {}

    def draft(n: int) -> Draft:
        author, text = people[n % PEOPLE], TEXT.format(n)
        if acted and n % MENTION == 0:
            text += f" <@{people[n % 5].pk}> <@{people[n % 9].pk}>"
        reply_to = seqs.get(n - BATCH) if acted and n % REPLY == 0 else None
        return Draft(room.pk, author.pk, uuid.uuid4(), text, reply_to, author)

    for start in range(1, MESSAGES + 1, BATCH):
        numbers = range(start, start + BATCH)
        posted = post([draft(n) for n in numbers])
        seqs.update({n: message.seq for n, message in zip(numbers, posted, strict=True)})
        if acted:
            post(
                [
                    React(room.pk, people[one].pk, seqs[n], "👍", True)
                    for n in numbers
                    if n % REACTIONS == 0
                    for one in range(3)
                ]
            )
            edited = [n for n in numbers if n % EDIT == 0]
            post([Edit(room.pk, people[n % PEOPLE].pk, seqs[n], f"{TEXT.format(n)} Edited.") for n in edited])


def operations(room) -> dict[str, Callable[[], int]]:
    """Each runs once and returns the size of its result."""
    from django.conf import settings
    from django.test import Client

    from chat.live.sockets.catch_up import read_piece

    client = Client(headers={"host": "127.0.0.1"})
    client.force_login(room.members.first(), settings.AUTHENTICATION_BACKENDS[-1])
    middle = room.messages.order_by("seq")[MESSAGES // 2].seq

    def get(path: str) -> int:
        response = client.get(f"/rooms/{room.slug}/{path}")
        assert response.status_code == 200, response.status_code
        return len(response.content)

    return {
        "open the page": lambda: get(""),
        "scroll back": lambda: get(f"messages/?before={middle}&limit=100"),
        "resume": lambda: read_piece(room.pk, room.head - MISSED, room.epoch).size,
    }


def measure_in_turns(*rooms) -> dict[str, list[tuple[float, int]]]:
    """For each operation the seconds of its fastest turn, which other load affects least, and the size of the
    result, by room.
    """
    runs = [operations(room) for room in rooms]
    results = {}
    for name in runs[0]:
        times: list[list[float]] = [[] for _ in rooms]
        sizes = [run[name]() for run in runs]
        for turn in range(WARM_UP + ROUNDS):
            for place, run in enumerate(runs):
                started = perf_counter()
                run[name]()
                if turn >= WARM_UP:
                    times[place].append(perf_counter() - started)
        results[name] = [(min(taken), size) for taken, size in zip(times, sizes, strict=True)]
    return results


def report(kind: str, results: dict[str, list[tuple[float, int]]]) -> int:
    database = "PostgreSQL" if kind == "full" else "SQLite"
    print(f"| {database} | plain | acted on | ratio | size |\n|---|---|---|---|---|")
    worst = 0.0
    for name, ((plain, plain_size), (acted, acted_size)) in results.items():
        worst = max(worst, acted / plain)
        sizes = f"{plain_size / 1000:.0f} → {acted_size / 1000:.0f} KB"
        print(f"| {name} | {plain * 1000:.1f} ms | {acted * 1000:.1f} ms | {acted / plain:.2f} × | {sizes} |")
    return int(worst > MOST)


if __name__ == "__main__":
    sys.exit(main(*sys.argv[1:]))
