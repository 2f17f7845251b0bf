"""The attacker's connections. They use bare TCP, so one Python process can send as much as possible.

They ignore what the server asks for. Every method raises OSError when the connection is lost.
"""

from __future__ import annotations

import asyncio
import json
import socket
from typing import Any
from urllib.parse import urlencode

TOKEN = "t" * 32  # Django compares the form's token with the cookie's, so a client can invent both
SMALL = 4_096  # bytes: a receive buffer that is full soon
CHUNK = 65_536  # bytes
TEXT, PING = 0x81, 0x89  # first bytes of a WebSocket frame

Headers = dict[str, str]


async def connect(port: int, ip: str, *, receive_buffer: int = 0) -> socket.socket:
    """A TCP connection from the IP address `ip`, with a receive buffer of so many bytes if not 0."""
    tcp = socket.socket()
    tcp.setblocking(False)
    tcp.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    if receive_buffer:
        tcp.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, receive_buffer)
    try:
        tcp.bind((ip, 0))
        await asyncio.get_running_loop().sock_connect(tcp, ("127.0.0.1", port))
    except BaseException:
        tcp.close()
        raise
    return tcp


def head(method: str, path: str, port: int, headers: Headers) -> bytes:
    lines = [f"{method} {path} HTTP/1.1", f"Host: 127.0.0.1:{port}", f"Origin: http://127.0.0.1:{port}"]
    return "\r\n".join([*lines, *(f"{name}: {value}" for name, value in headers.items()), "", ""]).encode()


def cookies(session: str = "") -> str:
    return f"csrftoken={TOKEN}" + (f"; sessionid={session}" if session else "")


class Http:
    """A persistent HTTP connection: one request at a time, and the bodies of responses are discarded."""

    def __init__(self, tcp: socket.socket, port: int, session: str = "") -> None:
        self.tcp, self.port, self.session = tcp, port, session
        self.buffer = b""

    async def submit(self, path: str, **fields: str) -> int:
        """Submit a form; returns the status."""
        body = urlencode({"csrfmiddlewaretoken": TOKEN, **fields}).encode()
        return await self.request("POST", path, body, {"Content-Type": "application/x-www-form-urlencoded"})

    async def get(self, path: str) -> int:
        return await self.request("GET", path)

    async def request(self, method: str, path: str, body: bytes = b"", headers: Headers | None = None) -> int:
        all_headers = {"Cookie": cookies(self.session), "X-CSRFToken": TOKEN, **(headers or {})}
        if body:
            all_headers["Content-Length"] = str(len(body))
        loop = asyncio.get_running_loop()
        await loop.sock_sendall(self.tcp, head(method, path, self.port, all_headers) + body)
        response = (await self.until(b"\r\n\r\n")).decode("latin-1").lower()
        if "transfer-encoding: chunked" in response:
            await self.until(b"\r\n0\r\n\r\n", before=b"\r\n")
        elif "content-length: " in response:
            await self.exactly(int(response.partition("content-length: ")[2].partition("\r\n")[0]))
        if "connection: close" in response:
            raise ConnectionResetError(response[9:12])
        return int(response[9:12])

    async def until(self, end: bytes, before: bytes = b"") -> bytes:
        found = before + self.buffer
        while end not in found:
            found += await self.receive()
        found, _, self.buffer = found.partition(end)
        return found + end

    async def exactly(self, size: int) -> None:
        while len(self.buffer) < size:
            self.buffer += await self.receive()
        self.buffer = self.buffer[size:]

    async def receive(self) -> bytes:
        received = await asyncio.get_running_loop().sock_recv(self.tcp, CHUNK)
        if not received:
            raise ConnectionResetError("closed")
        return received

    def close(self) -> None:
        self.tcp.close()


class WebSocket:
    """A WebSocket that reads and discards all frames (`reads`), or reads nothing."""

    def __init__(self, tcp: socket.socket, *, reads: bool) -> None:
        self.tcp = tcp
        self.reader = asyncio.create_task(self.discard()) if reads else None

    async def send_command(self, kind: str, **fields: Any) -> None:
        await self.send(frame(TEXT, json.dumps({"type": kind, **fields}).encode()))

    async def send(self, frames: bytes) -> None:
        if self.reader and self.reader.done():
            raise ConnectionResetError("closed")
        await asyncio.get_running_loop().sock_sendall(self.tcp, frames)

    async def discard(self) -> None:
        loop, buffer = asyncio.get_running_loop(), bytearray(CHUNK)
        while await loop.sock_recv_into(self.tcp, buffer):
            pass

    def close(self) -> None:
        if self.reader:
            self.reader.cancel()
        self.tcp.close()


def frame(kind: int, payload: bytes) -> bytes:
    """A client's frame. The mask is zero, so masking costs the attacker nothing."""
    size = len(payload)
    if size < 126:
        length = bytes([0x80 | size])
    elif size < 65_536:
        length = b"\xfe" + size.to_bytes(2)
    else:
        length = b"\xff" + size.to_bytes(8)
    return bytes([kind]) + length + bytes(4) + payload
