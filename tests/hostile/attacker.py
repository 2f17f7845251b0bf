"""The attacker: a process that carries out one attack for some seconds and prints what it did as JSON.

It runs at a low priority, so that on a machine with few cores it does not take the processor from the
bystanders' process, which measures. It never waits for anything but its own sockets.
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

from . import lines

NICENESS = 10  # of 19: about a tenth of a processor that others want, and all of an idle one
TINY_PAUSE = 0.005  # seconds after a failure: a closed port is not a busy loop here


class Attacker:
    """What an attack has at hand: guests with sessions, connections from one IP address, and a tally."""

    def __init__(self, plan: dict[str, Any]) -> None:
        self.port, self.address = plan["port"], plan["address"]
        self.guests, self.accounts = plan["cast"]["guests"], plan["cast"]["accounts"]
        self.epoch, self.head = plan["cast"]["epoch"], plan["cast"]["head"]
        self.dice = random.Random(plan["name"])
        self.tally: Counter[str] = Counter()

    def did(self, what: object, times: int = 1) -> None:
        self.tally[str(what)] += times

    def guest(self, number: int) -> dict[str, Any]:
        return self.guests[number % len(self.guests)]

    def word(self) -> str:
        return f"{self.dice.getrandbits(64):016x}"

    async def http(self, guest: dict[str, Any] | None = None) -> lines.Http:
        line = await lines.connect(self.port, self.address)
        return lines.Http(line, self.port, guest["cookie"] if guest else "")

    async def socket(
        self,
        guest: dict[str, Any],
        path: str = "/ws/rooms/market/",
        *,
        reads: bool = True,
        hello: bool = True,
    ) -> lines.WebSocket:
        """An open WebSocket that has said hello, if `hello`; the answer is not waited for."""
        line = await lines.connect(self.port, self.address, receives=0 if reads else lines.SMALL)
        shake = {
            "Upgrade": "websocket", "Connection": "Upgrade", "Sec-WebSocket-Version": "13",
            "Sec-WebSocket-Key": "AAAAAAAAAAAAAAAAAAAAAA==", "Cookie": lines.cookies(guest["cookie"]),
        }  # fmt: skip
        loop = asyncio.get_running_loop()
        try:
            await loop.sock_sendall(line, lines.head("GET", path, self.port, shake))
            answer = await loop.sock_recv(line, 2_000)
            if not answer.startswith(b"HTTP/1.1 101"):
                self.did(answer[9:12].decode() or "refused")
                raise ConnectionRefusedError
        except BaseException:
            line.close()
            raise
        self.did("sockets")
        socket = lines.WebSocket(line, reads=reads)
        if hello:
            await socket.say("hello", since=None, epoch=None)
        return socket

    async def crowd(self, many: int, one: Callable[[int], Awaitable[None]]) -> None:
        """`many` workers, each of whom begins again at once when it is done or its connection is gone."""
        await asyncio.gather(*(self._again(one, number) for number in range(many)))

    async def _again(self, one: Callable[[int], Awaitable[None]], number: int) -> None:
        while True:
            try:
                await one(number)
            except OSError as reason:
                self.did(reason.args[0] if reason.args and isinstance(reason.args[0], str) else "gone")
            await asyncio.sleep(TINY_PAUSE)


async def attack(plan: dict[str, Any]) -> dict[str, Any]:
    from .attacks import ATTACKS

    me, began = Attacker(plan), time.monotonic()
    try:
        async with asyncio.timeout(plan["seconds"]):
            await ATTACKS[plan["name"]].carry_out(me)
    except TimeoutError:
        pass
    return {"began": began, "ended": time.monotonic(), "cpu": time.process_time(), "tally": me.tally}


def main() -> None:
    os.nice(NICENESS)
    plan = json.loads(Path(sys.argv[1]).read_text())
    runner = asyncio.Runner()
    print(json.dumps(runner.run(attack(plan))), flush=True)
    os._exit(0)  # the kernel closes what is open, as for a client whose cable is pulled


if __name__ == "__main__":
    main()
