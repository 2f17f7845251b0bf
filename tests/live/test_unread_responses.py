"""HTTP responses that a client does not read take bounded memory: Twisted's real buffers, a fake network."""

import asyncio

import pytest
from daphne.http_protocol import HTTPFactory
from twisted.internet.address import IPv4Address

from chat.live.server import unread_responses
from chat.live.server.http_request import bound_bodies
from chat.live.server.twisted_internals import unsent_bytes

from .test_flow_control import FakeTransport

RESPONSE = b"x" * 300_000
GET = b"GET /static/large.js HTTP/1.1\r\nHost: localhost\r\n\r\n"


class Transport(FakeTransport):
    def __init__(self, ip):
        super().__init__()
        self.ip = ip

    def getPeer(self):
        return IPv4Address("TCP", self.ip, 50_000)

    def getHost(self):
        return IPv4Address("TCP", "127.0.0.1", 8000)

    def setTcpNoDelay(self, _):
        pass


class Server:
    """The part of Daphne's server that a request needs. It answers on the next turn of the event loop."""

    server_name, root_path, proxy_forwarded_address_header = "Obrolan", "", None
    request_buffer_size = 8192

    def create_application(self, protocol, scope):
        asyncio.get_running_loop().call_soon(self.answer, protocol)
        return asyncio.Queue()

    def answer(self, protocol):
        protocol.handle_reply({"type": "http.response.start", "status": 200, "headers": []})
        protocol.handle_reply({"type": "http.response.body", "body": RESPONSE})

    def protocol_connected(self, protocol): ...
    def protocol_disconnected(self, protocol): ...
    def log_action(self, *_): ...


@pytest.fixture
def connect(monkeypatch):
    monkeypatch.setattr(unread_responses, "_unread", type(unread_responses._unread)())
    factory = HTTPFactory(Server())
    bound_bodies(factory)

    def connect(ip):
        transport = Transport(ip)
        channel = factory.buildProtocol(transport.getPeer())
        channel.makeConnection(transport)
        return channel, transport

    return connect


async def turns():
    for _ in range(20):
        await asyncio.sleep(0)


async def test_a_client_that_pipelines_requests_and_reads_nothing_is_disconnected(connect):
    channel, transport = connect("192.0.2.1")
    channel.dataReceived(GET * 1_000)
    await turns()
    assert transport.aborted
    assert unsent_bytes(transport) < 2 * len(RESPONSE)


async def test_a_client_that_reads_each_response_keeps_its_connection(connect):
    channel, transport = connect("192.0.2.1")
    for _ in range(10):
        channel.dataReceived(GET)
        await turns()
        transport.accept(len(RESPONSE) + 1_000)
    assert not transport.aborted
    assert len(transport.written) > 10 * len(RESPONSE)


async def test_unread_responses_on_many_connections_of_one_ip_address_are_dropped(connect, monkeypatch):
    monkeypatch.setattr(unread_responses, "MOST_UNREAD_IN_ALL", 5 * len(RESPONSE))
    bystander, bystander_transport = connect("192.0.2.2")
    bystander.dataReceived(GET)
    attacker = [connect("192.0.2.1") for _ in range(10)]
    for channel, _ in attacker:
        channel.dataReceived(GET)
        await turns()
    assert sum(transport.aborted for _, transport in attacker) >= 4
    assert not bystander_transport.aborted
