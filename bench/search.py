"""Search among a million messages: the time of a first page, and the plans.

`python -m bench.search` fills a database in a temporary folder and prints a table. `full` as an argument uses
PostgreSQL, `small` a hundredth of the rows, `-v` prints the plans. The exit status is 1 if a query is above
the limit.
"""

from __future__ import annotations

import os
import sys
from time import perf_counter

import django

MAX_MS = 100  # in the server, for a first page
REPEATS = 9


def main(*options: str) -> int:
    from tests.web import Stack

    kind = "full" if "full" in options else "embedded"
    count = 10_000 if "small" in options else 1_000_000
    with Stack(kind) as stack, stack.site() as site:
        for name in ("DATABASE_URL", "REDIS_URL"):
            os.environ.pop(name, None)
        os.environ.update({**site.env, "DJANGO_SETTINGS_MODULE": "chatproject.settings"})
        django.setup()
        from .search_data import fill

        started = perf_counter()
        fill(count)
        print(f"{kind}, {count:,} messages, filled in {perf_counter() - started:.0f} s", flush=True)
        print(sizes() + "\n", flush=True)
        return table(verbose="-v" in options)


def sizes() -> str:
    from django.db import connection

    with connection.cursor() as cursor:
        if connection.vendor == "postgresql":
            names = ("chat_message", "chat_message_search", "chat_search_word", "chat_search_word_ends")
            cursor.execute(
                "SELECT relname, pg_size_pretty(pg_relation_size(oid)) FROM pg_class WHERE relname = ANY(%s)",
                [list(names)],
            )
            return ", ".join(f"{name} {size}" for name, size in cursor.fetchall())
        cursor.execute("PRAGMA page_count")
        return f"{cursor.fetchone()[0] * 4 // 1024} MB in all"


def queries() -> dict[str, tuple[str, int]]:
    """The typed query, and the person who searches: 0 is in all rooms, 1 in five."""
    from chat.models import Message

    latin = [
        text
        for text in Message.objects.order_by("pk").values_list("text", flat=True)[:2_000]
        if text.isascii()
    ]
    counted: dict[str, int] = {}
    for word in " ".join(latin).split():
        counted[word] = counted.get(word, 0) + 1
    by_count = sorted(counted, key=counted.__getitem__)
    common, middle = by_count[-1], by_count[len(by_count) * 3 // 4]
    rare = next(word for word in by_count if len(word) >= 8)
    return {
        "the commonest word": (common, 0),
        "three common words": (" ".join(by_count[-3:]), 0),
        "a word of medium frequency": (middle, 0),
        "a short word, a part of many": (by_count[len(by_count) // 2], 0),
        "a rare word": (rare, 0),
        "a word in one of 20,000 messages": ("xylophone", 0),
        "a part of a rare word": (rare[2:-1], 0),
        "a part of 5 letters": (rare[2:7], 0),
        "a part of 3 letters": ("lop", 0),
        "a phrase": (f'"{" ".join(latin[5].split()[2:5])}"', 0),
        "common words that never meet": (f'"{by_count[-2]} {by_count[-5]} {by_count[-3]} {by_count[-9]}"', 0),
        "Japanese, one letter": ("茶", 0),
        "Japanese, two letters": ("茶飲", 0),
        "Japanese, four letters": ("今日本語", 0),
        "Cyrillic": ("переписка", 0),
        "part of a Cyrillic word": ("реписк", 0),
        "no hit": ("qqqzzz", 0),
        "no hit, a part of many": ("zzz", 0),
        "from": (f'from:"Person 77" {common}', 0),
        "from and in": (f'from:"Person 0" in:"Room 0" {common}', 0),
        "from and in, a rare word": (f'from:"Person 0" in:"Room 0" {rare}', 0),
        "from without words": ('from:"Person 77"', 0),
        "a common word in a room of few messages": (f'in:"Room 77" {common}', 0),
        "a rare word in the busy room": (f'in:"Room 0" {rare}', 0),
        "before a day": (f"before:2026-01-01 {common}", 0),
        "has a link": ("has:link", 0),
        "mentions me": ("mentions:me", 0),
        "somebody in few rooms, common": (common, 1),
        "somebody in few rooms, rare": ("xylophone", 1),
        "somebody in few rooms, medium": (middle, 1),
    }


def table(*, verbose: bool) -> int:
    from django.db import connection
    from django.test.utils import CaptureQueriesContext

    from chat.models import User

    print("| query | hits | ms, median | ms, longest | queries | |\n|---|---|---|---|---|---|")
    above = 0
    for name, (typed, number) in queries().items():
        user = User.objects.get(username=f"p{number}")
        found = once(typed, user)
        times = sorted(timed(typed, user) for _ in range(REPEATS))
        with CaptureQueriesContext(connection) as captured:
            once(typed, user)
        asked = [query for query in captured.captured_queries if query["sql"].startswith("SELECT")]
        median, longest = times[len(times) // 2], times[-1]
        way = "index" if any("@@" in query["sql"] or "MATCH" in query["sql"] for query in asked) else "latest"
        above += median > MAX_MS
        mark = " **above**" if median > MAX_MS else ""
        hits = f"{len(found.ids)}{'+' if found.further else ''}{' so far' if found.is_partial else ''}"
        print(
            f"| {name}{mark} | {hits} | {median:.0f} | {longest:.0f} | {len(captured)} | {way} |", flush=True
        )
        if verbose:
            slowest = max(asked, key=lambda query: float(query["time"]))
            explain(slowest["sql"])
    print(f"\n{above} queries above {MAX_MS} ms.")
    return int(above > 0)


def once(typed: str, user):
    from chat.search.bounds import bounded
    from chat.search.filters import Filters
    from chat.search.finding import Search
    from chat.search.query import parse

    with bounded():
        return Search(Filters(parse(typed), user), user, limit=20).run()


def timed(typed: str, user) -> float:
    started = perf_counter()
    once(typed, user)
    return (perf_counter() - started) * 1000


def explain(sql: str) -> None:
    from django.db import connection

    prefix = "EXPLAIN (ANALYZE, COSTS OFF) " if connection.vendor == "postgresql" else "EXPLAIN QUERY PLAN "
    with connection.cursor() as cursor:
        cursor.execute(prefix + sql.replace("%", "%%"))
        print("\n".join(f"    {row[-1]}" for row in cursor.fetchall()))


if __name__ == "__main__":
    sys.exit(main(*sys.argv[1:]))
