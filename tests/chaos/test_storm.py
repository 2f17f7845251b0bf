"""Two thousand sockets lose their server at once, and come back at once."""

import asyncio
import json
import random
import time

from picows import WSError, WSListener, WSMsgType, ws_connect

from tests.wire import Person, signed_in

from .person import BACKOFF

SOCKETS, PEOPLE = 2_000, 200
HEALED_WITHIN = 30  # seconds
AT_ONCE = 100  # handshakes under way when the crowd is gathered; the storm knows no such manners
PAGE_EVERY = 0.5  # seconds
ROOMY = {"OBROLAN_SOCKETS_PER_PERSON": "20", "OBROLAN_SOCKETS_PER_ADDRESS": "5000"}


class Visitor(WSListener):
    def __init__(self, since: int | None, epoch: str | None) -> None:
        super().__init__()
        self.hello = json.dumps({"type": "hello", "since": since, "epoch": epoch}).encode()
        loop = asyncio.get_running_loop()
        self.welcomed, self.gone = loop.create_future(), loop.create_future()

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
        for future in (self.welcomed, self.gone):
            if not future.done():
                future.set_result(None)


async def come(server, cookie: str, since=None, epoch=None) -> Visitor:
    """Until welcome, however often it takes."""
    headers = {"Cookie": f"sessionid={cookie}", "Origin": server.url}
    url = f"ws://127.0.0.1:{server.port}/ws/rooms/kitchen/"
    attempt, (first, longest) = 0, BACKOFF
    while True:
        try:
            _, visitor = await ws_connect(
                lambda: Visitor(since, epoch), url, extra_headers=headers, websocket_handshake_timeout=30
            )
            if await visitor.welcomed:
                return visitor
        except (OSError, TimeoutError, WSError):
            pass  # refused, reset or 503: the door is not open yet
        await asyncio.sleep(random.uniform(0, min(longest, first * 2**attempt)))
        attempt += 1


async def test_two_thousand_sockets_that_come_back_at_once_are_served_and_so_are_the_pages(
    full, site, kitchen
):
    from chat.models import User

    server = site.start(**ROOMY)
    people = [signed_in(server, User.objects.create(username=f"p{n}", name=f"P {n}")) for n in range(PEOPLE)]
    cookies = [person.http.cookies["sessionid"] for person in people] * (SOCKETS // PEOPLE)
    gate = asyncio.Semaphore(AT_ONCE)

    async def arrive(cookie: str) -> Visitor:
        async with gate:
            return await come(server, cookie)

    crowd = await asyncio.gather(*map(arrive, cookies))
    welcome = crowd[0].welcomed.result()
    await asyncio.to_thread(server.terminate)
    await asyncio.gather(*(visitor.gone for visitor in crowd))
    await asyncio.to_thread(server.start)

    begun = time.monotonic()
    pages = asyncio.create_task(look_at_pages(people[0], statuses := []))
    await asyncio.gather(*(come(server, cookie, welcome["head"], welcome["epoch"]) for cookie in cookies))
    took = time.monotonic() - begun
    pages.cancel()
    print(f"{SOCKETS} sockets were back after {took:.1f} s")
    assert took < HEALED_WITHIN
    assert statuses
    assert max(statuses) < 500


async def look_at_pages(person: Person, statuses: list[int]) -> None:
    while True:
        statuses.append((await person.get("/rooms/kitchen/", timeout=30)).status_code)
        await asyncio.sleep(PAGE_EVERY)
