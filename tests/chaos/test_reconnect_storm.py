"""Two thousand sockets lose their server at once and reconnect at once (a thundering herd)."""

import asyncio
import json
import random
import time

from picows import WSError, WSListener, WSMsgType, ws_connect

from tests.web import SERVE
from tests.wire import Person, signed_in

from .client import BACKOFF

SOCKETS, PEOPLE = 2_000, 200
RECONNECT_LIMIT = 30  # seconds
CONCURRENT_HANDSHAKES = 100  # while the first connections are opened; reconnecting has no such bound
PAGE_INTERVAL = 0.5  # seconds
HIGH_LIMITS = {"OBROLAN_SOCKETS_PER_PERSON": "20", "OBROLAN_SOCKETS_PER_ADDRESS": "5000"}


class StormClient(WSListener):
    def __init__(self, since: int | None, epoch: str | None) -> None:
        super().__init__()
        self.hello = json.dumps({"type": "hello", "since": since, "epoch": epoch}).encode()
        loop = asyncio.get_running_loop()
        self.welcomed, self.disconnected = loop.create_future(), loop.create_future()

    def on_ws_connected(self, transport) -> None:
        transport.send(WSMsgType.TEXT, self.hello)

    def on_ws_frame(self, transport, frame) -> None:
        if frame.msg_type == WSMsgType.TEXT and not self.welcomed.done():
            event = json.loads(frame.get_payload_as_bytes())[0]
            if event["type"] == "welcome":
                self.welcomed.set_result(event)
            else:
                transport.disconnect()
        elif frame.msg_type == WSMsgType.CLOSE:
            transport.send_close(frame.get_close_code())
            transport.disconnect()

    def on_ws_disconnected(self, transport) -> None:
        for future in (self.welcomed, self.disconnected):
            if not future.done():
                future.set_result(None)


async def connect(server, cookie: str, since=None, epoch=None) -> StormClient:
    """Try until the server sends `welcome`."""
    headers = {"Cookie": f"sessionid={cookie}", "Origin": server.url}
    url = f"ws://127.0.0.1:{server.port}/ws/rooms/kitchen/"
    attempt, (first, longest) = 0, BACKOFF
    while True:
        try:
            _, client = await ws_connect(
                lambda: StormClient(since, epoch), url, extra_headers=headers, websocket_handshake_timeout=30
            )
            if await client.welcomed:
                return client
        except (OSError, TimeoutError, WSError):
            pass  # refused, reset or 503: the server is not ready yet
        await asyncio.sleep(random.uniform(0, min(longest, first * 2**attempt)))
        attempt += 1


async def test_two_thousand_sockets_that_reconnect_at_once_are_welcomed_and_pages_still_load(
    full, site, kitchen
):
    from chat.models import User

    server = site.start(SERVE, **HIGH_LIMITS)
    people = [signed_in(server, User.objects.create(username=f"p{n}", name=f"P {n}")) for n in range(PEOPLE)]
    cookies = [person.http.cookies["sessionid"] for person in people] * (SOCKETS // PEOPLE)
    handshakes = asyncio.Semaphore(CONCURRENT_HANDSHAKES)

    async def connect_first(cookie: str) -> StormClient:
        async with handshakes:
            return await connect(server, cookie)

    clients = await asyncio.gather(*map(connect_first, cookies))
    welcome = clients[0].welcomed.result()
    await asyncio.to_thread(server.terminate)
    await asyncio.gather(*(client.disconnected for client in clients))
    await asyncio.to_thread(server.start)

    started = time.monotonic()
    pages = asyncio.create_task(load_pages(people[0], statuses := []))
    await asyncio.gather(*(connect(server, cookie, welcome["head"], welcome["epoch"]) for cookie in cookies))
    seconds = time.monotonic() - started
    async with asyncio.timeout(RECONNECT_LIMIT):
        while not statuses:
            await asyncio.sleep(PAGE_INTERVAL)
    pages.cancel()
    print(f"{SOCKETS} sockets reconnected within {seconds:.1f} s")
    assert seconds < RECONNECT_LIMIT
    assert max(statuses) < 500


async def load_pages(person: Person, statuses: list[int]) -> None:
    while True:
        statuses.append((await person.get("/rooms/kitchen/", timeout=30)).status_code)
        await asyncio.sleep(PAGE_INTERVAL)
