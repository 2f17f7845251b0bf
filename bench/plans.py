"""The hot queries themselves: how long the sockets' own take, and the plan of each of a page or a post.

`python -m bench.plans SLUG --time --explain`, in Obrolan's environment, prints JSON. The queries are caught
while the real views and verbs run, so none can be forgotten here.
"""

import json
import os
import sys
from time import perf_counter
from uuid import uuid4

import django

ASKED = 15  # times each, in each of several rounds
MISSED = 50  # changes that a returning socket reads


def main(slug: str, *options: str) -> None:
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "chatproject.settings")
    django.setup()
    from django.conf import settings
    from django.db import connection, transaction
    from django.test import Client
    from django.test.utils import CaptureQueriesContext

    from chat.actions.messages import Draft, post
    from chat.models import Message, Room, User

    room = Room.objects.get(slug=slug)
    guest = User.objects.filter(is_guest=True, memberships__room=room).order_by("pk")[0]
    middle = max(1, room.head // 2)
    clients = {
        "guest": Client(headers={"host": "127.0.0.1"}),
        "keeper": Client(headers={"host": "127.0.0.1"}),
    }
    clients["guest"].force_login(guest, settings.AUTHENTICATION_BACKENDS[-1])
    clients["keeper"].force_login(User.objects.get(is_superuser=True), settings.AUTHENTICATION_BACKENDS[-1])

    def get(path: str, who: str = "guest") -> None:
        answer = clients[who].get(path)
        assert answer.status_code == 200, f"{path} answered {answer.status_code}"

    def missed() -> None:
        list(Message.objects.filter(room=room).changed_since(max(0, room.head - MISSED))[:MISSED])

    def heads() -> None:
        list(Room.objects.filter(pk__in=range(room.pk, room.pk + 10)).values_list("pk", "head"))

    def say() -> None:
        with transaction.atomic():
            post([Draft(room.pk, guest.pk, uuid4(), "tea")])
            transaction.set_rollback(True)

    timed = {"changed_since": missed, "heads of the open rooms": heads, "post, rolled back": say}
    pages = {
        "room page": lambda: get(f"/rooms/{slug}/"),
        "scroll back": lambda: get(f"/rooms/{slug}/messages/?before={middle}&limit=50"),
        "permalink": lambda: get(f"/rooms/{slug}/{middle}/"),
        "lobby": lambda: get("/"),
        "admin's messages": lambda: get("/admin/chat/message/", "keeper"),
        "admin's search": lambda: get("/admin/chat/message/?q=kettle", "keeper"),
    }
    found: list[dict] = []
    if "--time" in options:
        for what, act in timed.items():
            act()
            found.append({"what": what, "seconds": [seconds(act) for _ in range(ASKED)]})
    if "--explain" in options:
        for what, act in {**pages, **timed}.items():
            with CaptureQueriesContext(connection) as caught:
                act()
            plans = [explain(connection, query["sql"]) for query in caught.captured_queries]
            found.append({"what": what, "plans": [plan for plan in plans if plan]})
    print(json.dumps(found))


def seconds(act) -> float:
    started = perf_counter()
    act()
    return perf_counter() - started


def explain(connection, sql: str) -> dict | None:
    """The plan of a query that reads or changes the talk's tables; None for the rest."""
    if not sql.startswith(("SELECT", "UPDATE")) or "chat_" not in sql:
        return None
    prefix = "EXPLAIN QUERY PLAN " if connection.vendor == "sqlite" else "EXPLAIN (COSTS OFF) "
    with connection.cursor() as cursor:
        cursor.execute(prefix + sql)
        lines = [str(row[-1]) for row in cursor.fetchall()]
    return {"sql": sql, "plan": lines, "scans": [line.strip() for line in lines if whole_table(line)]}


def whole_table(line: str) -> bool:
    """Whether a line of a plan walks all messages: "Seq Scan on chat_message", "SCAN chat_message"."""
    return "Seq Scan on chat_message" in line or ("SCAN chat_message" in line and "INDEX" not in line)


if __name__ == "__main__":
    main(*sys.argv[1:])
