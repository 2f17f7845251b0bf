"""Health checks: `/healthz` shows that this process is alive, `/readyz` whether the services it needs work.

`/readyz` is for monitoring. Proxies and containers use `/healthz`: a proxy that uses `/readyz` would remove
all processes when Redis is down, though the chat works without Redis.
"""

import asyncio
from collections.abc import Awaitable, Callable
from concurrent.futures import Future, ThreadPoolExecutor
from time import monotonic

from channels_redis.utils import create_pool
from django.conf import settings
from django.db import Error as DatabaseError
from django.db import connection
from django.db.migrations.executor import MigrationExecutor
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.utils.decorators import async_only_middleware
from redis.asyncio import Redis
from redis.exceptions import RedisError

TIMEOUT = 2.0  # seconds for the database, and for Redis
FRESH_FOR = 1.0  # seconds for which a result is used again

GetResponse = Callable[[HttpRequest], Awaitable[HttpResponse]]


@async_only_middleware
def probes(get_response: GetResponse) -> GetResponse:
    """Middleware for health checks. It runs before the checks of the host name and the session."""
    readiness = Readiness()

    async def respond(request: HttpRequest) -> HttpResponse:
        if request.path == "/healthz":
            return JsonResponse({"alive": True})
        if request.path == "/readyz":
            return readyz(await readiness.state())
        return await get_response(request)

    return respond


def readyz(state: dict[str, str]) -> HttpResponse:
    """200 or 503, with the states of `database`, `migrations` and `layer`: ok, or the problem in one word."""
    ready = state["database"] == state["migrations"] == "ok" and state["layer"] in ("ok", "in-memory")
    return JsonResponse({"ready": ready, **state}, status=200 if ready else 503)


class Readiness:
    """Checks the database and Redis, at most once a second and never twice at the same time."""

    def __init__(self) -> None:
        self._state: dict[str, str] = {}
        self._checked_at = float("-inf")
        self._checking: asyncio.Task[dict[str, str]] | None = None
        self._thread = ThreadPoolExecutor(1, thread_name_prefix="readiness")
        self._query: Future[dict[str, str]] | None = None  # runs in the thread; it may hang for a long time

    async def state(self) -> dict[str, str]:
        if monotonic() - self._checked_at < FRESH_FOR:
            return self._state
        if self._checking is None:
            self._checking = asyncio.ensure_future(self._check())
            self._checking.add_done_callback(self._done)
        # Shielded: a client that disconnects does not cancel the check of the others.
        return await asyncio.shield(self._checking)

    def _done(self, _: object) -> None:
        self._checking = None

    async def _check(self) -> dict[str, str]:
        stored, layer = await asyncio.gather(self._database(), layer_state())
        self._state = {"database": "ok", "migrations": "unknown", **stored, "layer": layer}
        self._checked_at = monotonic()
        return self._state

    async def _database(self) -> dict[str, str]:
        """Query the database. If an earlier query still hangs, wait for that one instead."""
        if self._query is None or self._query.done():
            self._query = self._thread.submit(database_state)
        answered, _ = await asyncio.wait([asyncio.wrap_future(self._query)], timeout=TIMEOUT)
        return answered.pop().result() if answered else {"database": "silent"}


def database_state() -> dict[str, str]:
    try:
        executor = MigrationExecutor(connection)
        waiting = executor.migration_plan(executor.loader.graph.leaf_nodes())
        return {"database": "ok", "migrations": "unapplied" if waiting else "ok"}
    except DatabaseError:
        return {"database": "down"}
    finally:
        connection.close()


async def layer_state() -> str:
    if not settings.REDIS_URL:
        return "in-memory"
    (host,) = settings.CHANNEL_LAYERS["default"]["CONFIG"]["hosts"]
    redis = Redis.from_pool(create_pool(host))
    try:
        async with asyncio.timeout(TIMEOUT):
            await redis.ping()
        return "ok"
    except (RedisError, OSError):  # TimeoutError is an OSError
        return "down"
    finally:
        await redis.aclose()
