"""A process full of people. It takes orders as JSON lines on stdin and answers on stdout.

Apart from the conductor, so that starting a database there does not hold anybody's pen here.
"""

from __future__ import annotations

import asyncio
import json
import logging
import random
import sys
from pathlib import Path
from typing import Any

from .person import Card, Person


class Crowd:
    def __init__(self, plan: dict[str, Any]) -> None:
        self.plan = plan
        self.dice = random.Random(plan["seed"])
        self.hushed = asyncio.Event()
        self.people = [
            Person(Card(**card), plan["doors"], random.Random(f"{plan['seed']} {number}"))
            for number, card in enumerate(plan["cards"])
        ]

    async def gather(self) -> None:
        orders = asyncio.StreamReader()
        await asyncio.get_running_loop().connect_read_pipe(
            lambda: asyncio.StreamReaderProtocol(orders), sys.stdin
        )
        tasks = [asyncio.create_task(person.stay()) for person in self.people]
        tasks += [asyncio.create_task(person.talk(self.hushed)) for person in self.people]
        while line := await orders.readline():
            order = json.loads(line)
            answer = getattr(self, order.pop("do"))(**order)
            print(json.dumps(answer), flush=True)
            if answer == "left":
                break
            for task in tasks:
                if task.done() and not task.cancelled() and task.exception():
                    raise task.exception()  # a fault of this client is never a figure
        for task in tasks:
            task.cancel()

    def state(self) -> dict[str, Any]:
        return {
            "waiting": sum(len(person.outbox) for person in self.people),
            "away": [person.card.name for person in self.people if not person.welcomed],
            "acked": sum(len(person.diary.acked) for person in self.people),
            "cursors": [[person.card.room, person.timeline.cursor] for person in self.people],
        }

    def cut(self, many: int) -> str:
        for person in self.dice.sample(self.people, min(many, len(self.people))):
            person.cut()
        return "cut"

    def hush(self) -> str:
        self.hushed.set()
        return "quiet"

    def leave(self) -> str:
        diaries = [person.closing_words() for person in self.people]
        Path(self.plan["diaries"]).write_text(json.dumps(diaries))
        return "left"


if __name__ == "__main__":
    logging.getLogger("asyncio").setLevel(logging.ERROR)  # each write to a line that was just cut
    asyncio.run(Crowd(json.loads(Path(sys.argv[1]).read_text())).gather())
