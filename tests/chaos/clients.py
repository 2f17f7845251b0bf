"""A process that runs all clients. It reads commands as JSON lines on stdin and replies on stdout.

A process of its own, so starting a database in the test runner does not delay the clients.
"""

from __future__ import annotations

import asyncio
import json
import logging
import random
import sys
from pathlib import Path
from typing import Any

from .client import Client, Profile


class Clients:
    def __init__(self, plan: dict[str, Any]) -> None:
        self.plan = plan
        self.random = random.Random(plan["seed"])
        self.stopped = asyncio.Event()  # set: send nothing new
        self.clients = [
            Client(Profile(**profile), plan["ports"], random.Random(f"{plan['seed']} {number}"))
            for number, profile in enumerate(plan["profiles"])
        ]

    async def run(self) -> None:
        commands = asyncio.StreamReader()
        await asyncio.get_running_loop().connect_read_pipe(
            lambda: asyncio.StreamReaderProtocol(commands), sys.stdin
        )
        tasks = [asyncio.create_task(client.stay_connected()) for client in self.clients]
        tasks += [asyncio.create_task(client.send_commands(self.stopped)) for client in self.clients]
        while line := await commands.readline():
            command = json.loads(line)
            reply = getattr(self, command.pop("command"))(**command)
            print(json.dumps(reply), flush=True)
            if reply == "finished":
                break
            for task in tasks:
                if task.done() and not task.cancelled() and task.exception():
                    raise task.exception()  # an error of the client itself must not look like a result
        for task in tasks:
            task.cancel()

    def state(self) -> dict[str, Any]:
        return {
            "unacknowledged": sum(len(client.outbox) for client in self.clients),
            "disconnected": [client.profile.name for client in self.clients if not client.welcomed],
            "acked": sum(len(client.log.acked) for client in self.clients),
            "cursors": [[client.profile.room, client.timeline.cursor] for client in self.clients],
        }

    def disconnect(self, count: int) -> str:
        for client in self.random.sample(self.clients, min(count, len(self.clients))):
            client.disconnect_mid_frame()
        return "disconnected"

    def stop_sending(self) -> str:
        self.stopped.set()
        return "stopped"

    def finish(self) -> str:
        logs = [client.final_log() for client in self.clients]
        Path(self.plan["logs"]).write_text(json.dumps(logs))
        return "finished"


if __name__ == "__main__":
    logging.getLogger("asyncio").setLevel(logging.ERROR)  # it warns of each write to an aborted connection
    asyncio.run(Clients(json.loads(Path(sys.argv[1]).read_text())).run())
