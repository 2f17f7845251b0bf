"""Attacks over plain HTTP: pages in a loop, unknown URLs, and requests that never end."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING

from tests.hostile import connections

from .attack import attack

if TYPE_CHECKING:
    from tests.hostile.attacker import Attacker

BYTE_INTERVAL = 0.5  # seconds between two bytes of a slow sender
LONG_URL = 60_000  # characters


@attack("pages", "history, login page, permalink, error pages and probes over 10 connections")
async def pages(attacker: Attacker) -> None:
    def paths() -> list[str]:
        seq = attacker.random.randrange(1, attacker.head)
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

    async def worker(number: int) -> None:
        http = await attacker.http(attacker.guest(number))
        try:
            while True:
                for path in paths():
                    attacker.count(await http.get(path))
        finally:
            http.close()

    await attacker.run_workers(10, worker)


@attack("unknown-urls", "different URLs that do not exist, long URLs and bad methods over 10 connections")
async def unknown_urls(attacker: Attacker) -> None:
    async def worker(number: int) -> None:
        http = await attacker.http(attacker.guest(number) if number % 2 else None)
        try:
            while True:
                attacker.count(await http.get(f"/{attacker.word()}/{attacker.word()}"))
                attacker.count(
                    await http.get(f"/rooms/{attacker.word()}/?{attacker.word()}={attacker.word()}")
                )
                attacker.count(await http.get(f"/static/{attacker.word()}.js"))
                attacker.count(await http.get("/" + attacker.word() * 500))
                attacker.count(
                    await http.request(
                        attacker.random.choice(["PUT", "TRACE", "DELETE", "PROPFIND", "X"]), "/"
                    )
                )
                if number == 0:
                    attacker.count(await http.get("/" + "a" * LONG_URL))
        finally:
            http.close()

    await attacker.run_workers(10, worker)


@attack("slow-headers", "300 connections that send a byte of a header or body twice a second")
async def slow_headers(attacker: Attacker) -> None:
    loop = asyncio.get_running_loop()

    async def worker(number: int) -> None:
        tcp = await connections.connect(attacker.port, attacker.ip)
        try:
            if number % 2:
                await loop.sock_sendall(tcp, b"GET / HTTP/1.1\r\nHost: 127.0.0.1\r\nX-Slow: ")
            else:
                length = {"Content-Length": "200000", "Content-Type": "application/x-www-form-urlencoded"}
                await loop.sock_sendall(tcp, connections.head("POST", "/", attacker.port, length))
            attacker.count("connections")
            while True:
                await asyncio.sleep(BYTE_INTERVAL)
                await loop.sock_sendall(tcp, b"x")
                attacker.count("bytes")
        finally:
            tcp.close()

    await attacker.run_workers(300, worker)
