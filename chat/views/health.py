"""What a probe may ask: `/healthz`, does this process live; `/readyz`, is everything it needs in order.

`/readyz` is for people and alarms. A proxy that took processes away by it would end the talk when Redis dies,
which it otherwise survives: proxies and containers ask `/healthz`.
"""

import asyncio
from collections.abc import Awaitable, Callable

from asgiref.sync import sync_to_async
from django.conf import settings
from django.db import Error as DatabaseError
from django.db import connection
from django.db.migrations.executor import MigrationExecutor
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.utils.decorators import async_only_middleware
from redis.asyncio import Redis
from redis.exceptions import RedisError

PATIENCE = 2  # seconds for each answer

GetResponse = Callable[[HttpRequest], Awaitable[HttpResponse]]


@async_only_middleware
def probes(get_response: GetResponse) -> GetResponse:
    """Answers before anything else looks at the request: a probe knows neither a host name nor a person."""

    async def answer(request: HttpRequest) -> HttpResponse:
        probe = {"/healthz": healthz, "/readyz": readyz}.get(request.path)
        return await (probe or get_response)(request)

    return answer


async def healthz(request: HttpRequest) -> HttpResponse:
    return JsonResponse({"alive": True})


async def readyz(request: HttpRequest) -> HttpResponse:
    """200 or 503; `database`, `migrations` and `layer` each say ok, or in a word what is wrong."""
    stored, layer = await asyncio.gather(_patiently(_database(), {"database": "silent"}), _layer())
    state = {"database": "ok", "migrations": "unknown", **stored, "layer": layer}
    ready = state["database"] == state["migrations"] == "ok" and layer in ("ok", "in-memory")
    return JsonResponse({"ready": ready, **state}, status=200 if ready else 503)


async def _patiently(answer: Awaitable, otherwise: object) -> object:
    try:
        return await asyncio.wait_for(answer, PATIENCE)
    except TimeoutError:
        return otherwise


@sync_to_async(thread_sensitive=False)  # a slow database must not hold up the pages' thread
def _database() -> dict[str, str]:
    try:
        executor = MigrationExecutor(connection)
        waiting = executor.migration_plan(executor.loader.graph.leaf_nodes())
        return {"database": "ok", "migrations": "unapplied" if waiting else "ok"}
    except DatabaseError:
        return {"database": "down"}
    finally:
        connection.close()


async def _layer() -> str:
    if not settings.REDIS_URL:
        return "in-memory"
    redis = Redis.from_url(settings.REDIS_URL, socket_timeout=PATIENCE, socket_connect_timeout=PATIENCE)
    try:
        await redis.ping()
        return "ok"
    except (RedisError, OSError):
        return "down"
    finally:
        await redis.aclose()
