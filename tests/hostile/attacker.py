"""The attacker: a process that runs one attack for some seconds and prints the number of its actions as JSON.

It runs at a low priority. On a machine with few cores it would otherwise take the processor from the
bystanders' process, which measures. It waits for nothing but its own sockets.
"""

from __future__ import annotations

import asyncio
import json
import os
import random
import sys
import time
from collections import Counter
from collections.abc import Awaitable, Callable
from pathlib import Path
from typing import Any

from . import connections

NICENESS = 10  # of 19: about a tenth of a processor that others want, and all of an idle one
RETRY_PAUSE = 0.005  # seconds after a failure, so a closed port does not cause a busy loop


class Attacker:
    """The resources of an attack: guests with sessions, connections from one IP address, and counters."""

    def __init__(self, plan: dict[str, Any]) -> None:
        self.port, self.ip = plan["port"], plan["ip"]
        self.guests, self.accounts = plan["fixtures"]["guests"], plan["fixtures"]["accounts"]
        self.epoch, self.head = plan["fixtures"]["epoch"], plan["fixtures"]["head"]
        self.random = random.Random(plan["name"])
        self.counters: Counter[str] = Counter()

    def count(self, action: object, times: int = 1) -> None:
        """Count an action, or the HTTP status of a response."""
        self.counters[str(action)] += times

    def guest(self, number: int) -> dict[str, Any]:
        return self.guests[number % len(self.guests)]

    def word(self) -> str:
        return f"{self.random.getrandbits(64):016x}"

    async def http(self, guest: dict[str, Any] | None = None) -> connections.Http:
        tcp = await connections.connect(self.port, self.ip)
        return connections.Http(tcp, self.port, guest["cookie"] if guest else "")

    async def socket(
        self,
        guest: dict[str, Any],
        path: str = "/ws/rooms/market/",
        *,
        reads: bool = True,
        hello: bool = True,
    ) -> connections.WebSocket:
        """Open a WebSocket and, if `hello`, send hello. This does not wait for the reply to hello."""
        tcp = await connections.connect(self.port, self.ip, receive_buffer=0 if reads else connections.SMALL)
        headers = {
            "Upgrade": "websocket", "Connection": "Upgrade", "Sec-WebSocket-Version": "13",
            "Sec-WebSocket-Key": "AAAAAAAAAAAAAAAAAAAAAA==", "Cookie": connections.cookies(guest["cookie"]),
        }  # fmt: skip
        loop = asyncio.get_running_loop()
        try:
            await loop.sock_sendall(tcp, connections.head("GET", path, self.port, headers))
            response = await loop.sock_recv(tcp, 2_000)
            if not response.startswith(b"HTTP/1.1 101"):
                self.count(response[9:12].decode() or "refused")
                raise ConnectionRefusedError
        except BaseException:
            tcp.close()
            raise
        self.count("sockets")
        socket = connections.WebSocket(tcp, reads=reads)
        if hello:
            await socket.send_command("hello", since=None, epoch=None)
        return socket

    async def run_workers(self, count: int, worker: Callable[[int], Awaitable[None]]) -> None:
        """Run `count` workers. Each starts again at once when it has ended or lost its connection."""
        await asyncio.gather(*(self._repeat(worker, number) for number in range(count)))

    async def _repeat(self, worker: Callable[[int], Awaitable[None]], number: int) -> None:
        while True:
            try:
                await worker(number)
            except OSError as reason:
                self.count(reason.args[0] if reason.args and isinstance(reason.args[0], str) else "gone")
            await asyncio.sleep(RETRY_PAUSE)


async def run(plan: dict[str, Any]) -> dict[str, Any]:
    from .attacks import ATTACKS

    attacker, started = Attacker(plan), time.monotonic()
    try:
        async with asyncio.timeout(plan["seconds"]):
            await ATTACKS[plan["name"]].run(attacker)
    except TimeoutError:
        pass
    return {"started": started, "ended": time.monotonic(), "counters": attacker.counters}


def main() -> None:
    os.nice(NICENESS)
    plan = json.loads(Path(sys.argv[1]).read_text())
    runner = asyncio.Runner()
    print(json.dumps(runner.run(run(plan))), flush=True)
    os._exit(0)  # the kernel closes all sockets at once, without a closing handshake


if __name__ == "__main__":
    main()
