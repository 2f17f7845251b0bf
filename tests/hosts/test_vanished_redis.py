"""A host that loses its network closes no connection. The kernel gives the connection up after seconds."""

import asyncio
import errno
import signal
import socket

import pytest
from channels_redis.pubsub import RedisPubSubChannelLayer

from chatproject import redis_url

WITHIN = 5  # seconds; a free event loop needs one
BLOCKED = 10  # seconds


@pytest.fixture
def alarm():
    """Fail the test if its event loop is blocked: then no timeout of asyncio ends it."""

    def fail(*_):
        raise AssertionError("The event loop is blocked.")

    before = signal.signal(signal.SIGALRM, fail)
    signal.alarm(BLOCKED)
    yield
    signal.alarm(0)
    signal.signal(signal.SIGALRM, before)


async def test_a_host_that_vanishes_after_a_subscription_was_sent_is_given_up_too(full, stack):
    """Linux sends no keepalive probes while data is unconfirmed."""
    layer = RedisPubSubChannelLayer(hosts=[redis_url.host(stack.valkey.url)], prefix="vanished")
    await layer.group_add("room", await layer.new_channel())
    (shard,) = layer._get_layer()._shards
    connection = shard._pubsub.connection._writer.get_extra_info("socket")
    timeout = connection.getsockopt(socket.IPPROTO_TCP, socket.TCP_USER_TIMEOUT)
    assert timeout == redis_url.KEEPALIVE["TCP_USER_TIMEOUT"]
    await layer.flush()


async def test_a_subscription_lives_again_after_the_kernel_gave_its_connection_up(full, stack, alarm):
    """redis-py alone reads from the lost connection for ever, and the event loop does nothing else."""
    layer = RedisPubSubChannelLayer(hosts=[redis_url.host(stack.valkey.url)], prefix="vanished")
    channel = await layer.new_channel()
    await layer.group_add("room", channel)
    (shard,) = layer._get_layer()._shards
    lost = shard._pubsub.connection
    lost._writer.transport._fatal_error(TimeoutError(errno.ETIMEDOUT, "Connection timed out"))
    async with asyncio.timeout(WITHIN):
        while lost._writer is None or lost._writer.is_closing():
            await asyncio.sleep(0.05)
        await layer.group_send("room", {"text": "Hello"})
        assert await layer.receive(channel) == {"text": "Hello"}
    await layer.flush()
