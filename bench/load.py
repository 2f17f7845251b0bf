"""The load generator: one process that takes a `Spec` as JSON in its argument and prints results as JSON.

`python -m bench.load '{"scenario": "broadcast", "protocol": "json", "ports": [8000], …}'`
"""

from __future__ import annotations

import asyncio
import gc
import json
import os
import sys

import msgspec

from .lobby import lobby
from .pool import ClientPool
from .reconnecting import reconnect, resume
from .scenarios import broadcast, idle, open_sockets, paced
from .spec import Spec

SCENARIOS = {
    "broadcast": broadcast,
    "paced": paced,
    "open": open_sockets,
    "resume": resume,
    "reconnect": reconnect,
    "idle": idle,
    "lobby": lobby,
}


async def run(spec: Spec) -> list[dict]:
    pool = ClientPool(spec)
    pings = asyncio.create_task(pool.send_pings())
    try:
        results = await SCENARIOS[spec.scenario](spec, pool)
        if pings.done():
            pings.result()  # raises
        return results
    finally:
        pings.cancel()
        pool.close()


def main() -> None:
    spec = msgspec.json.decode(sys.argv[1], type=Spec)
    if spec.cores:
        os.sched_setaffinity(0, spec.cores)
    gc.disable()  # a collection here would look like latency of the server
    print(json.dumps(asyncio.run(run(spec))))


if __name__ == "__main__":
    main()
