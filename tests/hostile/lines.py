"""The attacker's connections: bare TCP, so that one slow interpreter can harm as much as possible.

Nothing here obeys the server. Every method raises OSError when the connection is gone.
"""

from __future__ import annotations

import asyncio
import json
import socket
from typing import Any
from urllib.parse import urlencode

TOKEN = "t" * 32  # Django compares the form's token with the cookie's: the client may make up both
SMALL = 4_096  # bytes: a kernel buffer that is soon full
CHUNK = 65_536  # bytes
TEXT, PING = 0x81, 0x89  # first bytes of a WebSocket frame

Headers = dict[str, str]


async def connect(port: int, address: str, *, receives: int = 0) -> socket.socket:
    """A TCP connection from `address`. `receives` makes the kernel's receive buffer that small."""
    line = socket.socket()
    line.setblocking(False)
    line.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    if receives:
        line.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, receives)
    try:
        line.bind((address, 0))
        await asyncio.get_running_loop().sock_connect(line, ("127.0.0.1", port))
    except BaseException:
        line.close()
        raise
    return line


def head(method: str, path: str, port: int, headers: Headers) -> bytes:
    lines = [f"{method} {path} HTTP/1.1", f"Host: 127.0.0.1:{port}", f"Origin: http://127.0.0.1:{port}"]
    return "\r\n".join([*lines, *(f"{name}: {value}" for name, value in headers.items()), "", ""]).encode()


def cookies(session: str = "") -> str:
    return f"csrftoken={TOKEN}" + (f"; sessionid={session}" if session else "")


class Http:
    """An HTTP connection that is kept alive: one request after the other, answers thrown away."""

    def __init__(self, line: socket.socket, port: int, session: str = "") -> None:
        self.line, self.port, self.session = line, port, session
        self.rest = b""

    async def submit(self, path: str, **fields: str) -> int:
        """Send a form; returns the status."""
        body = urlencode({"csrfmiddlewaretoken": TOKEN, **fields}).encode()
        return await self.request("POST", path, body, {"Content-Type": "application/x-www-form-urlencoded"})

    async def get(self, path: str) -> int:
        return await self.request("GET", path)

    async def request(self, method: str, path: str, body: bytes = b"", headers: Headers | None = None) -> int:
        said = {"Cookie": cookies(self.session), "X-CSRFToken": TOKEN, **(headers or {})}
        if body:
            said["Content-Length"] = str(len(body))
        loop = asyncio.get_running_loop()
        await loop.sock_sendall(self.line, head(method, path, self.port, said) + body)
        answer = (await self.until(b"\r\n\r\n")).decode("latin-1").lower()
        if "transfer-encoding: chunked" in answer:
            await self.until(b"\r\n0\r\n\r\n", before=b"\r\n")
        elif "content-length: " in answer:
            await self.exactly(int(answer.partition("content-length: ")[2].partition("\r\n")[0]))
        if "connection: close" in answer:
            raise ConnectionResetError(answer[9:12])
        return int(answer[9:12])

    async def until(self, end: bytes, before: bytes = b"") -> bytes:
        found = before + self.rest
        while end not in found:
            found += await self.more()
        found, _, self.rest = found.partition(end)
        return found + end

    async def exactly(self, size: int) -> None:
        while len(self.rest) < size:
            self.rest += await self.more()
        self.rest = self.rest[size:]

    async def more(self) -> bytes:
        received = await asyncio.get_running_loop().sock_recv(self.line, CHUNK)
        if not received:
            raise ConnectionResetError("closed")
        return received

    def close(self) -> None:
        self.line.close()


class WebSocket:
    """A WebSocket whose answers are thrown away (`reads`) or left in the kernel's buffer until it is full."""

    def __init__(self, line: socket.socket, *, reads: bool) -> None:
        self.line = line
        self.reader = asyncio.create_task(self.discard()) if reads else None

    async def say(self, kind: str, **fields: Any) -> None:
        await self.send(frame(TEXT, json.dumps({"type": kind, **fields}).encode()))

    async def send(self, frames: bytes) -> None:
        if self.reader and self.reader.done():
            raise ConnectionResetError("closed")
        await asyncio.get_running_loop().sock_sendall(self.line, frames)

    async def discard(self) -> None:
        loop, buffer = asyncio.get_running_loop(), bytearray(CHUNK)
        while await loop.sock_recv_into(self.line, buffer):
            pass

    def close(self) -> None:
        if self.reader:
            self.reader.cancel()
        self.line.close()


def frame(kind: int, payload: bytes) -> bytes:
    """A client's frame. Its mask is zero, so that a flood of them costs the attacker nothing."""
    size = len(payload)
    if size < 126:
        length = bytes([0x80 | size])
    elif size < 65_536:
        length = b"\xfe" + size.to_bytes(2)
    else:
        length = b"\xff" + size.to_bytes(8)
    return bytes([kind]) + length + bytes(4) + payload
