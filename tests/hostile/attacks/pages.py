"""Attacks with plain HTTP: pages in a loop, addresses that do not exist, and requests that never end."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING

from tests.hostile import lines

from .attack import attack

if TYPE_CHECKING:
    from tests.hostile.attacker import Attacker

SLOW_EVERY = 0.5  # seconds between two bytes of a slow sender
LONG = 60_000  # characters of a long URL


@attack("pages", "history, login page, permalink, error pages and probes over 10 connections")
async def pages(me: Attacker) -> None:
    def paths() -> list[str]:
        seq = me.dice.randrange(1, me.head)
        return [
            f"/rooms/market/messages/?before={seq}&limit=100",
            "/accounts/login/",
            f"/rooms/market/{seq}/",
            "/rooms/nowhere/",
            f"/rooms/market/messages/?around={seq}&limit=100",
            "/readyz",
            "/rooms/market/messages/?limit=none",
            "/healthz",
        ]

    async def one(number: int) -> None:
        line = await me.http(me.guest(number))
        try:
            while True:
                for path in paths():
                    me.did(await line.get(path))
        finally:
            line.close()

    await me.crowd(10, one)


@attack("unknown-urls", "different URLs that do not exist, long URLs and bad methods over 10 connections")
async def unknown_urls(me: Attacker) -> None:
    async def one(number: int) -> None:
        line = await me.http(me.guest(number) if number % 2 else None)
        try:
            while True:
                me.did(await line.get(f"/{me.word()}/{me.word()}"))
                me.did(await line.get(f"/rooms/{me.word()}/?{me.word()}={me.word()}"))
                me.did(await line.get(f"/static/{me.word()}.js"))
                me.did(await line.get("/" + me.word() * 500))
                me.did(await line.request(me.dice.choice(["PUT", "TRACE", "DELETE", "PROPFIND", "X"]), "/"))
                if number == 0:
                    me.did(await line.get("/" + "a" * LONG))
        finally:
            line.close()

    await me.crowd(10, one)


@attack("slow-headers", "300 connections that send a byte of a header or body twice a second")
async def slow_headers(me: Attacker) -> None:
    loop = asyncio.get_running_loop()

    async def one(number: int) -> None:
        line = await lines.connect(me.port, me.address)
        try:
            if number % 2:
                await loop.sock_sendall(line, b"GET / HTTP/1.1\r\nHost: 127.0.0.1\r\nX-Slow: ")
            else:
                length = {"Content-Length": "200000", "Content-Type": "application/x-www-form-urlencoded"}
                await loop.sock_sendall(line, lines.head("POST", "/", me.port, length))
            me.did("connections")
            while True:
                await asyncio.sleep(SLOW_EVERY)
                await loop.sock_sendall(line, b"x")
                me.did("bytes")
        finally:
            line.close()

    await me.crowd(300, one)
