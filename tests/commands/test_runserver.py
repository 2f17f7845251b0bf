"""Django's development server: `manage.py runserver`."""

import sys

from tests.wire import guest

RUNSERVER = [sys.executable, "manage.py", "runserver", "{port}", "--noreload"]


async def test_the_development_server_serves_pages_files_and_sockets_and_drains_connections(site):
    server = site.start(RUNSERVER)
    ayu = await guest(server, "Ayu", "kitchen")
    assert (await ayu.get("/static/chat/css/base.css")).status_code == 200
    async with ayu.open("kitchen") as socket:
        await socket.hello()
        await socket.post("hello")
        await socket.expect("message", text="hello")
        assert server.terminate() == 0
        assert await socket.expect("bye")
        assert await socket.closed() == 4012
