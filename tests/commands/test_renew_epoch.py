"""A restored database has lost its latest messages: the screens that still show them must not stay."""

from chat import frames
from chat.models import Message
from tests.wire import signed_in


async def test_after_a_restore_an_old_screen_forgets_what_the_database_lost(site, alice, kitchen):
    server = site.start()
    person = signed_in(server, alice)
    async with person.open("kitchen") as socket:
        welcome = await socket.hello()
        await socket.post("before the backup")
        await socket.post("lost in the restore")
        await socket.expect("message", text="lost in the restore")
        screen, head = socket.messages, socket.head
    server.terminate()

    Message.objects.filter(text="lost in the restore").delete()
    kitchen.head = 1
    kitchen.save()
    assert "1 rooms" in site.manage("renew_epoch")
    server.start()

    async with person.open("kitchen") as socket:
        socket.messages = screen
        await socket.hello(head, welcome["epoch"])
        await socket.expect("reset", reason="epoch")
        await socket.expect("message", text="before the backup")
        assert socket.texts == ["before the backup"]


async def test_a_running_process_sends_its_readers_to_read_afresh(site, alice, kitchen):
    person = signed_in(site.start(), alice)
    async with person.open("kitchen") as socket:
        welcome = await socket.hello()
        await socket.post("hello")
        site.manage("renew_epoch")
        assert await socket.closed() == frames.CLOSE_RESTART
    async with person.open("kitchen") as socket:
        await socket.hello(1, welcome["epoch"])
        await socket.expect("reset", reason="epoch")
