"""`manage.py renew_epoch`: clients drop the messages that a restored database no longer has."""

from chat import frames
from chat.models import Message
from tests.wire import signed_in


async def test_after_a_restore_a_reconnecting_client_drops_the_lost_messages(site, alice, kitchen):
    server = site.start()
    person = signed_in(server, alice)
    async with person.open("kitchen") as socket:
        welcome = await socket.hello()
        await socket.post("before the backup")
        await socket.post("lost in the restore")
        await socket.expect("message", text="lost in the restore")
        messages, head = socket.messages, socket.head
    server.terminate()

    Message.objects.filter(text="lost in the restore").delete()
    kitchen.head = 1
    kitchen.save()
    assert "1 rooms" in site.manage("renew_epoch")
    server.start()

    async with person.open("kitchen") as socket:
        socket.messages = messages
        await socket.hello(head, welcome["epoch"])
        await socket.expect("reset", reason="epoch")
        await socket.expect("message", text="before the backup")
        assert socket.texts == ["before the backup"]


async def test_a_running_process_closes_its_connections_and_the_clients_reload_the_room(site, alice, kitchen):
    person = signed_in(site.start(), alice)
    async with person.open("kitchen") as socket:
        welcome = await socket.hello()
        await socket.post("hello")
        site.manage("renew_epoch")
        assert await socket.closed() == frames.CLOSE_RESTART
    async with person.open("kitchen") as socket:
        await socket.hello(1, welcome["epoch"])
        await socket.expect("reset", reason="epoch")
