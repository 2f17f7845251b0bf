"""`make stack-test`: restart every service of the Docker Compose stack while two clients send messages.

The test starts a copy of this checkout from an unedited `.env.example`, under a project name of its own. It
restarts each service and each replica in turn. After each restart the clients must get messages through. At
the end both must show the same messages as the database. Then it sets passwords with special characters,
on the running stack and on a new one. It needs a Docker engine with Compose (`DOCKER_HOST` may select it).
"""

from __future__ import annotations

import asyncio
import json
import os
import re
import shutil
import subprocess
import sys
import tempfile
import time
import uuid
from pathlib import Path

import httpx

from tests.ports import free_port
from tests.wire import Closed, Person, Refused, Socket

ROOT = Path(__file__).resolve().parent.parent
PROJECT = "obrolan-stack-test"
STACK_FILES = ("Dockerfile", ".dockerignore", "docker-compose.yml", "Caddyfile", ".env.example", "deploy")
APP_FILES = ("manage.py", "requirements.txt", "CHANGELOG.md", "chatproject", "chat", "templates")
PASSWORD = "a long walk by the river"
SPECIAL = """p/?%41#@: &+$x"\\é"""  # characters with a meaning in URLs, shells or configuration files
PROGRESS = 5  # messages that each client must get acknowledged after each restart
PATIENCE = 60  # seconds for that
INTERVAL = 0.2  # seconds between two messages of a client


class Compose:
    """`docker compose` in a copy of the checkout."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.port = free_port()
        ports = {"HTTP_PORT": str(self.port), "HTTPS_PORT": str(free_port())}
        self.env = {**os.environ, **ports, "COMPOSE_PROJECT_NAME": PROJECT}
        for name in (*STACK_FILES, *APP_FILES):
            copy = shutil.copytree if (ROOT / name).is_dir() else shutil.copy
            copy(ROOT / name, folder / name)
        shutil.copy(folder / ".env.example", folder / ".env")

    def __call__(self, *arguments: str) -> str:
        return self.run("docker", "compose", *arguments)

    def run(self, *command: str) -> str:
        done = subprocess.run(command, cwd=self.folder, env=self.env, capture_output=True, text=True)
        assert done.returncode == 0, f"{' '.join(command)}\n{done.stdout}{done.stderr}"
        return done.stdout.strip()

    def run_guide(self, heading: str) -> None:
        """Run the commands under a heading of docs/self-hosting.md, with the name of today's backup."""
        guide = (ROOT / "docs" / "self-hosting.md").read_text()
        commands = re.search(rf"^## {heading}\n.*?```sh\n(.*?)```", guide, re.M | re.S)
        assert commands, f"docs/self-hosting.md: {heading}"
        self.run("bash", "-euc", re.sub(r"obrolan-[\d-]+\.dump", "obrolan-$(date +%F).dump", commands[1]))

    def add_settings(self, **settings: str) -> None:
        """Add lines to .env, each value in single quotes."""
        with (self.folder / ".env").open("a") as env:
            env.writelines(f"{name}='{value}'\n" for name, value in settings.items())

    def up(self, *options: str) -> None:
        self("up", "-d", "--wait", "--wait-timeout", "180", *options)

    def containers(self, service: str) -> list[str]:
        return self("ps", "-q", service).split()

    def secret(self, service: str, name: str) -> str:
        return self("exec", "-T", service, "cat", f"/secrets/{name}")

    def query(self, sql: str) -> list[str]:
        return self("exec", "-T", "db", "psql", "-U", "obrolan", "-Atc", sql).splitlines()


class Client:
    """Sends messages all the time, reconnects with its cursor, and resends what was not acknowledged."""

    def __init__(self, name: str, person: Person) -> None:
        self.name = name
        self.person = person
        self.messages: dict[int, dict] = {}
        self.head: int | None = None
        self.epoch: str | None = None
        self.outbox: dict[str, str] = {}
        self.acknowledged: dict[str, int] = {}
        self.sent = 0
        self.stopped = asyncio.Event()  # set: empty the outbox, then stop
        self.reconnects = -1

    async def run(self) -> None:
        while not (self.stopped.is_set() and not self.outbox):
            try:
                async with self.person.open("kitchen", open_timeout=15) as socket:
                    await self.send_messages(socket)
            except (OSError, TimeoutError, AssertionError, Closed, httpx.HTTPError, *handshake_failures()):
                await asyncio.sleep(0.5)

    async def send_messages(self, socket: Socket) -> None:
        socket.messages = self.messages
        welcome = await socket.hello(self.head, self.epoch)
        self.epoch = welcome["epoch"]
        self.reconnects += 1
        unsent = list(self.outbox)
        while True:
            if not unsent:
                if self.stopped.is_set():
                    return
                unsent.append(self.new_message())
            await self.send(socket, unsent.pop(0))
            self.head = socket.head or self.head
            await asyncio.sleep(INTERVAL)

    def new_message(self) -> str:
        """Put a message into the outbox; returns its idempotency key."""
        self.sent += 1
        key = str(uuid.uuid4())
        self.outbox[key] = f"{self.name} {self.sent}"
        return key

    async def send(self, socket: Socket, key: str) -> None:
        try:
            ack = await socket.post(self.outbox[key], id=key)
        except Refused as refusal:
            assert refusal.event["retry"], refusal
            raise Closed("retry") from refusal
        self.acknowledged[key] = ack["seq"]
        del self.outbox[key]


async def wait_for_progress(clients: list[Client]) -> None:
    """Wait until PROGRESS more messages of each client are acknowledged."""
    goals = {client: len(client.acknowledged) + PROGRESS for client in clients}
    deadline = time.monotonic() + PATIENCE
    while any(len(client.acknowledged) < goal for client, goal in goals.items()):
        assert time.monotonic() < deadline, (
            f"no progress: {[(client.name, client.sent) for client in clients]}"
        )
        await asyncio.sleep(0.1)


def handshake_failures() -> tuple[type[Exception], ...]:
    from websockets.exceptions import ConnectionClosed, InvalidHandshake, InvalidMessage

    return ConnectionClosed, InvalidHandshake, InvalidMessage


async def sign_up(url: str, name: str) -> Person:
    """Create an account by the form. Guests are off by default in the stack."""
    person = Person(url)
    fields = {"username": name, "name": name.title(), "email": "", "password": PASSWORD}
    answer = await person.submit("/accounts/signup/", **fields)
    assert answer.status_code == 302, (
        f"{name} could not sign up: {answer.status_code}\n{answer.text[-3_000:]}"
    )
    return person


async def main() -> None:
    with tempfile.TemporaryDirectory(prefix=PROJECT) as folder:
        compose = Compose(Path(folder))
        try:
            await run(compose)
        except BaseException:
            print(compose("logs", "--tail", "60"), file=sys.stderr)
            raise
        finally:
            compose("down", "--volumes", "--timeout", "15")


async def run(compose: Compose) -> None:
    log("Building and starting")
    compose.up("--build")
    url = f"http://localhost:{compose.port}"
    await check_start(compose, url)

    alice, bob = [await sign_up(url, name) for name in ("alice", "bob")]
    answer = await alice.submit("/rooms/new/", name="Kitchen", topic="", kind="public")
    assert answer.status_code == 302, answer.text[-3_000:]
    clients = [Client("alice", alice), Client("bob", bob)]
    tasks = [asyncio.create_task(client.run()) for client in clients]
    await wait_for_progress(clients)
    processes = compose.query("SELECT count(DISTINCT process) FROM chat_presence")
    assert processes == ["2"], f"alice and bob are on {processes} replicas"
    log("Two clients send messages through two replicas")

    for service in ("web", "worker", "redis", "db", "proxy"):
        for number, container in enumerate(compose.containers(service), 1):
            await asyncio.to_thread(compose.run, "docker", "restart", container)
            await wait_for_progress(clients)
            log(f"Restarted {service} {number}: both clients made progress")

    for client in clients:
        client.stopped.set()
    await asyncio.wait_for(asyncio.gather(*tasks), PATIENCE)
    await compare(compose, clients)
    await restore_backup(compose, clients[0])
    await change_passwords(compose, url)
    assert_no_traceback(compose)
    await start_with_passwords(compose, url)
    assert_no_traceback(compose)


async def check_start(compose: Compose, url: str) -> None:
    """Check the published ports, the link for the first account, and `check --deploy` with a domain."""
    async with httpx.AsyncClient(base_url=url) as http:
        ready = await http.get("/readyz")
        assert ready.status_code == 200, ready.text
    published = [
        (row["Service"], port["PublishedPort"])
        for row in map(json.loads, compose("ps", "--format", "json").splitlines())
        for port in row["Publishers"] or []
        if port["PublishedPort"]
    ]
    assert {service for service, _ in published} == {"proxy"}, published
    assert re.search(rf"{re.escape(url)}/accounts/first/\S+", compose("logs", "migrate")), (
        "no link for the first account"
    )
    domain = {"ALLOWED_HOSTS": "chat.example.org", "OBROLAN_PLAIN_HTTP_FILE": ""}
    options = [word for name, value in domain.items() for word in ("-e", f"{name}={value}")]
    check = ("python", "manage.py", "check", "--deploy", "--fail-level", "WARNING")
    compose("run", "--rm", "-T", "--no-deps", *options, "web", *check)
    log("Only the proxy is published; check --deploy is clean")


async def compare(compose: Compose, clients: list[Client]) -> None:
    """Check that each acknowledged message is stored once and that both clients equal the database."""
    rows = compose.query("SELECT seq, client_id, text FROM chat_message ORDER BY seq")
    stored = [tuple(row.split("|", 2)) for row in rows]
    for client in clients:
        async with client.person.open("kitchen") as socket:
            socket.messages = client.messages
            await socket.hello(client.head, client.epoch)
            await socket.ping()
        mine = {key: str(seq) for seq, key, _ in stored if key in client.acknowledged}
        assert mine == {key: str(seq) for key, seq in client.acknowledged.items()}
        shown = [(str(seq), m["client_id"], m["text"]) for seq, m in sorted(client.messages.items())]
        assert shown == stored[-len(shown) :], f"{client.name} differs from the database"
    keys = [key for _, key, _ in stored]
    assert len(set(keys)) == len(keys)
    assert len(keys) == sum(len(client.acknowledged) for client in clients)
    log(f"{len(stored)} messages, each once, in the same order at both clients")


async def restore_backup(compose: Compose, client: Client) -> None:
    """Follow docs/self-hosting.md. Messages sent after the backup also disappear from the client."""
    compose.run_guide("Backup")
    before = {seq: state["text"] for seq, state in client.messages.items()}
    async with client.person.open("kitchen") as socket:
        await socket.hello(client.head, client.epoch)
        await socket.post("sent after the backup")
    await asyncio.to_thread(compose.run_guide, "Restore")
    compose.up()
    async with client.person.open("kitchen") as socket:
        socket.messages = client.messages
        await socket.hello(socket.head, client.epoch)
        await socket.expect("reset", reason="epoch")
        await socket.ping()
        assert {seq: state["text"] for seq, state in socket.messages.items()}.items() <= before.items()
    log("Restored a backup: the client was reset")


async def change_passwords(compose: Compose, url: str) -> None:
    """On a running stack: Redis and the web processes use the new passwords, the database keeps its own."""
    before = compose.secret("web", "database_url")
    compose.add_settings(SECRET_KEY=SPECIAL * 3, REDIS_PASSWORD=SPECIAL, POSTGRES_PASSWORD=SPECIAL)
    compose.up()
    await assert_ready(url)
    assert compose.secret("web", "database_url") == before
    assert compose.secret("web", "secret_key") == SPECIAL * 3
    assert compose.secret("redis", "redis_password") == SPECIAL
    for container in compose.containers("web"):  # they must not depend on old values in memory
        await asyncio.to_thread(compose.run, "docker", "restart", container)
    compose.up()
    await assert_ready(url)
    log("Changed the passwords: the database's is ignored, the others are applied")


async def start_with_passwords(compose: Compose, url: str) -> None:
    """On a new stack: each password is used, and each service can read only its own."""
    compose("down", "--volumes", "--timeout", "15")
    compose.up()
    await assert_ready(url)
    await sign_up(url, "carol")
    assert compose.secret("db", "postgres_password") == SPECIAL
    files = {name: compose("exec", "-T", name, "ls", "/secrets").split() for name in ("db", "redis", "web")}
    assert files == {
        "db": ["postgres_password"],
        "redis": ["redis_password"],
        "web": ["database_url", "plain_http", "redis_url", "secret_key", "vapid_key"],
    }
    for service in ("web", "worker", "migrate", "db", "redis", "proxy"):
        for container in compose("ps", "-aq", service).split():
            variables = json.loads(compose.run("docker", "inspect", container))[0]["Config"]["Env"]
            assert not [line for line in variables if SPECIAL in line]
    log("Started with special characters in the passwords")


async def assert_ready(url: str) -> None:
    """Send several requests, so that both replicas answer."""
    async with httpx.AsyncClient(base_url=url) as http:
        for _ in range(6):
            ready = await http.get("/readyz", headers={"Connection": "close"})
            assert ready.status_code == 200, ready.text


def assert_no_traceback(compose: Compose) -> None:
    logs = compose("logs", "--no-color", "web", "worker", "migrate")
    assert "Traceback" not in logs, logs[logs.index("Traceback") - 500 :][:4_000]
    log("No traceback in any log")


def log(line: str) -> None:
    print(f"{time.strftime('%H:%M:%S')} {line}", flush=True)


if __name__ == "__main__":
    asyncio.run(main())
