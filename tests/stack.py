"""`make stack-test`: start the compose stack for real, while two people talk through two replicas.

A copy of this checkout is started from an unedited `.env.example` under a project name of its own. Each
service and each replica is restarted in turn, and after each the talk must go on. At the end both screens
must equal the database. Then passwords with special characters are set, on the running stack and on a fresh
one. The test needs a Docker engine with compose (`DOCKER_HOST` may say where).
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

from tests.services import free_port
from tests.wire import Closed, Person, Refused, Socket

ROOT = Path(__file__).resolve().parent.parent
PROJECT = "obrolan-stack-test"
STACK_FILES = ("Dockerfile", ".dockerignore", "docker-compose.yml", "Caddyfile", ".env.example", "deploy")
APP_FILES = ("manage.py", "requirements.txt", "CHANGELOG.md", "chatproject", "chat", "templates")
PASSWORD = "a long walk by the river"
ODD = """p/?%41#@: &+$x"\\é"""  # characters that mean something to URLs, shells or configuration files
MORE = 5  # messages that each person must get through after each restart
PATIENCE = 60  # seconds for that
PACE = 0.2  # seconds between two messages of a person


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

    def follow(self, heading: str) -> None:
        """Run the commands that docs/self-hosting.md gives under this heading, today's backup for its own."""
        guide = (ROOT / "docs" / "self-hosting.md").read_text()
        commands = re.search(rf"^## {heading}\n.*?```sh\n(.*?)```", guide, re.M | re.S)
        assert commands, f"docs/self-hosting.md: {heading}"
        self.run("bash", "-euc", re.sub(r"obrolan-[\d-]+\.dump", "obrolan-$(date +%F).dump", commands[1]))

    def give(self, **settings: str) -> None:
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


class Talker:
    """Somebody who keeps talking: reconnects with a cursor and sends again what was not acknowledged."""

    def __init__(self, name: str, person: Person) -> None:
        self.name = name
        self.person = person
        self.messages: dict[int, dict] = {}
        self.head: int | None = None
        self.epoch: str | None = None
        self.outbox: dict[str, str] = {}
        self.acknowledged: dict[str, int] = {}
        self.said = 0
        self.silent = asyncio.Event()  # set: finish the outbox and stop
        self.reconnects = -1

    async def talk(self) -> None:
        while not (self.silent.is_set() and not self.outbox):
            try:
                async with self.person.open("kitchen", open_timeout=15) as socket:
                    await self.converse(socket)
            except (OSError, TimeoutError, AssertionError, Closed, httpx.HTTPError, *handshake_failures()):
                await asyncio.sleep(0.5)

    async def converse(self, socket: Socket) -> None:
        socket.messages = self.messages
        welcome = await socket.hello(self.head, self.epoch)
        self.epoch = welcome["epoch"]
        self.reconnects += 1
        waiting = list(self.outbox)
        while True:
            if not waiting:
                if self.silent.is_set():
                    return
                waiting.append(self.compose())
            await self.send(socket, waiting.pop(0))
            self.head = socket.head or self.head
            await asyncio.sleep(PACE)

    def compose(self) -> str:
        self.said += 1
        reference = str(uuid.uuid4())
        self.outbox[reference] = f"{self.name} {self.said}"
        return reference

    async def send(self, socket: Socket, reference: str) -> None:
        try:
            ack = await socket.post(self.outbox[reference], id=reference)
        except Refused as refusal:
            assert refusal.event["retry"], refusal
            raise Closed("to be sent again") from refusal
        self.acknowledged[reference] = ack["seq"]
        del self.outbox[reference]

    async def advance(self, others: list[Talker]) -> None:
        """Until everybody got MORE new messages through, and each has seen the others' latest."""
        goals = {talker: len(talker.acknowledged) + MORE for talker in others}
        deadline = time.monotonic() + PATIENCE
        while any(len(talker.acknowledged) < goal for talker, goal in goals.items()):
            assert time.monotonic() < deadline, f"the talk stopped: {[(t.name, t.said) for t in others]}"
            await asyncio.sleep(0.1)


def handshake_failures() -> tuple[type[Exception], ...]:
    from websockets.exceptions import ConnectionClosed, InvalidHandshake, InvalidMessage

    return ConnectionClosed, InvalidHandshake, InvalidMessage


async def arrive(url: str, name: str) -> Person:
    """Sign up by the form: in the stack guests are off until somebody lets them in."""
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
    say("Building and starting")
    compose.up("--build")
    url = f"http://localhost:{compose.port}"
    await check_doors(compose, url)

    alice, bob = [await arrive(url, name) for name in ("alice", "bob")]
    answer = await alice.submit("/rooms/new/", name="Kitchen", topic="", kind="public")
    assert answer.status_code == 302, answer.text[-3_000:]
    talkers = [Talker("alice", alice), Talker("bob", bob)]
    tasks = [asyncio.create_task(talker.talk()) for talker in talkers]
    await talkers[0].advance(talkers)
    processes = compose.query("SELECT count(DISTINCT process) FROM chat_presence")
    assert processes == ["2"], f"alice and bob are on {processes} replicas"
    say("Two people talk through two replicas")

    for service in ("web", "redis", "db", "proxy"):
        for number, container in enumerate(compose.containers(service), 1):
            await asyncio.to_thread(compose.run, "docker", "restart", container)
            await talkers[0].advance(talkers)
            say(f"Restarted {service} {number}: the talk went on")

    for talker in talkers:
        talker.silent.set()
    await asyncio.wait_for(asyncio.gather(*tasks), PATIENCE)
    await compare(compose, talkers)
    await lose_and_restore(compose, talkers[0])
    await change_passwords(compose, url)
    assert_calm(compose)
    await start_with_passwords(compose, url)
    assert_calm(compose)


async def check_doors(compose: Compose, url: str) -> None:
    """What is open, what is said at start, and that the settings for the internet are clean."""
    async with httpx.AsyncClient(base_url=url) as visitor:
        ready = await visitor.get("/readyz")
        assert ready.status_code == 200, ready.text
    published = [
        (row["Service"], port["PublishedPort"])
        for row in map(json.loads, compose("ps", "--format", "json").splitlines())
        for port in row["Publishers"] or []
        if port["PublishedPort"]
    ]
    assert {service for service, _ in published} == {"proxy"}, published
    assert re.search(rf"{re.escape(url)}/accounts/first/\S+", compose("logs", "migrate")), "no first link"
    domain = {"ALLOWED_HOSTS": "chat.example.org", "OBROLAN_PLAIN_HTTP_FILE": ""}
    given = [word for name, value in domain.items() for word in ("-e", f"{name}={value}")]
    check = ("python", "manage.py", "check", "--deploy", "--fail-level", "WARNING")
    compose("run", "--rm", "-T", "--no-deps", *given, "web", *check)
    say("Only the proxy is published; check --deploy is clean")


async def compare(compose: Compose, talkers: list[Talker]) -> None:
    """Each acknowledged message exactly once, and both screens equal to the database."""
    rows = compose.query("SELECT seq, client_id, text FROM chat_message ORDER BY seq")
    stored = [tuple(row.split("|", 2)) for row in rows]
    for talker in talkers:
        async with talker.person.open("kitchen") as socket:
            socket.messages = talker.messages
            await socket.hello(talker.head, talker.epoch)
            await socket.ping()
        mine = {reference: str(seq) for seq, reference, _ in stored if reference in talker.acknowledged}
        assert mine == {reference: str(seq) for reference, seq in talker.acknowledged.items()}
        screen = [(str(seq), m["client_id"], m["text"]) for seq, m in sorted(talker.messages.items())]
        assert screen == stored[-len(screen) :], f"{talker.name}'s screen differs from the database"
    references = [reference for _, reference, _ in stored]
    assert len(set(references)) == len(references)
    assert len(references) == sum(len(talker.acknowledged) for talker in talkers)
    say(f"{len(stored)} messages, each once, in the same order on both screens")


async def lose_and_restore(compose: Compose, talker: Talker) -> None:
    """The commands of docs/self-hosting.md: what was said after the backup leaves the screen too."""
    compose.follow("Backup")
    screen = {seq: state["text"] for seq, state in talker.messages.items()}
    async with talker.person.open("kitchen") as socket:
        await socket.hello(talker.head, talker.epoch)
        await socket.post("said after the backup")
    await asyncio.to_thread(compose.follow, "Restore")
    compose.up()
    async with talker.person.open("kitchen") as socket:
        socket.messages = talker.messages
        await socket.hello(socket.head, talker.epoch)
        await socket.expect("reset", reason="epoch")
        await socket.ping()
        assert {seq: state["text"] for seq, state in socket.messages.items()}.items() <= screen.items()
    say("Backed up, lost, restored: every screen reads afresh")


async def change_passwords(compose: Compose, url: str) -> None:
    """On a running stack: Redis and the web processes take the new ones, the database keeps its own."""
    before = compose.secret("web", "database_url")
    compose.give(SECRET_KEY=ODD * 3, REDIS_PASSWORD=ODD, POSTGRES_PASSWORD=ODD)
    compose.up()
    await assert_ready(url)
    assert compose.secret("web", "database_url") == before
    assert compose.secret("web", "secret_key") == ODD * 3
    assert compose.secret("redis", "redis_password") == ODD
    for container in compose.containers("web"):  # none of them works with old values from memory
        await asyncio.to_thread(compose.run, "docker", "restart", container)
    compose.up()
    await assert_ready(url)
    say("Changed the passwords: two are applied, the database's is ignored")


async def start_with_passwords(compose: Compose, url: str) -> None:
    """On a fresh stack: each is used, and each service sees only its own."""
    compose("down", "--volumes", "--timeout", "15")
    compose.up()
    await assert_ready(url)
    await arrive(url, "carol")
    assert compose.secret("db", "postgres_password") == ODD
    files = {name: compose("exec", "-T", name, "ls", "/secrets").split() for name in ("db", "redis", "web")}
    assert files == {
        "db": ["postgres_password"],
        "redis": ["redis_password"],
        "web": ["database_url", "plain_http", "redis_url", "secret_key"],
    }
    for service in ("web", "migrate", "db", "redis", "proxy"):
        for container in compose("ps", "-aq", service).split():
            variables = json.loads(compose.run("docker", "inspect", container))[0]["Config"]["Env"]
            assert not [line for line in variables if ODD in line]
    say("Started with passwords of special characters")


async def assert_ready(url: str) -> None:
    """Asked several times: either replica answers."""
    async with httpx.AsyncClient(base_url=url) as visitor:
        for _ in range(6):
            ready = await visitor.get("/readyz", headers={"Connection": "close"})
            assert ready.status_code == 200, ready.text


def assert_calm(compose: Compose) -> None:
    logs = compose("logs", "--no-color", "web", "migrate")
    assert "Traceback" not in logs, logs[logs.index("Traceback") - 500 :][:4_000]
    say("No traceback in any log")


def say(line: str) -> None:
    print(f"{time.strftime('%H:%M:%S')} {line}", flush=True)


if __name__ == "__main__":
    asyncio.run(main())
