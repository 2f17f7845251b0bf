"""A push service like those of browsers: it checks the signature and decrypts with the keys of a browser.

with PushService() as service:
    browser = service.new_browser()     # with `endpoint`, `key` and `auth`, as a browser subscribes
    …
    service.received                    # [Received(browser, content, headers)]
"""

from __future__ import annotations

import json
import os
import threading
import time
from base64 import urlsafe_b64decode, urlsafe_b64encode
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import NamedTuple

import http_ece
from cryptography.hazmat.primitives.asymmetric import ec, utils
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat

from tests.services import free_port


def encode(data: bytes) -> str:
    return urlsafe_b64encode(data).decode().rstrip("=")


def decode(text: str) -> bytes:
    return urlsafe_b64decode(text + "=" * (-len(text) % 4))


def new_key() -> ec.EllipticCurvePrivateKey:
    return ec.generate_private_key(ec.SECP256R1())


@dataclass
class Browser:
    endpoint: str
    private: ec.EllipticCurvePrivateKey = field(
        default_factory=lambda: ec.generate_private_key(ec.SECP256R1())
    )
    secret: bytes = field(default_factory=lambda: os.urandom(16))

    @property
    def key(self) -> str:
        return encode(self.private.public_key().public_bytes(Encoding.X962, PublicFormat.UncompressedPoint))

    @property
    def auth(self) -> str:
        return encode(self.secret)

    def decrypt(self, body: bytes) -> dict:
        return json.loads(http_ece.decrypt(body, private_key=self.private, auth_secret=self.secret))


class Received(NamedTuple):
    browser: Browser
    content: dict
    headers: dict[str, str]


class PushService:
    def __init__(self) -> None:
        self.port = free_port()
        self.url = f"http://127.0.0.1:{self.port}"
        self.browsers: dict[str, Browser] = {}
        self.received: list[Received] = []
        self.statuses: dict[str, int] = {}  # path → the status to answer with
        self.problems: list[str] = []  # requests that a push service refuses
        self.on_push = lambda: None  # called before the answer
        self.public_key = ""  # with which the browsers subscribed
        service = self

        class Handler(BaseHTTPRequestHandler):
            def do_POST(self) -> None:
                status, location = service.take(self)
                self.send_response(status)
                if location:
                    self.send_header("Location", location)
                self.send_header("Content-Length", "0")
                self.end_headers()

            def log_message(self, *_: object) -> None:
                pass

        self.server = ThreadingHTTPServer(("127.0.0.1", self.port), Handler)
        self.server.daemon_threads = True

    def __enter__(self) -> PushService:
        threading.Thread(target=self.server.serve_forever, args=(0.05,), daemon=True).start()
        return self

    def __exit__(self, *_: object) -> None:
        self.server.shutdown()
        self.server.server_close()
        assert not self.problems, self.problems

    def new_browser(self) -> Browser:
        path = f"/push/{len(self.browsers)}-{encode(os.urandom(9))}"
        self.browsers[path] = Browser(self.url + path)
        return self.browsers[path]

    def answer(self, browser: Browser, status: int) -> None:
        self.statuses[browser.endpoint.removeprefix(self.url)] = status

    def take(self, request: BaseHTTPRequestHandler) -> tuple[int, str]:
        length = int(request.headers["Content-Length"])
        body = request.rfile.read(length)
        if len(body) < length:  # the worker was killed while it sent
            return 400, ""
        headers = {name.lower(): value for name, value in request.headers.items()}
        browser = self.browsers[request.path]
        status = self.statuses.get(request.path, 201)
        try:
            self.check_signature(headers["authorization"])
            assert headers["content-encoding"] == "aes128gcm" and len(body) <= 4_096
            assert int(headers["ttl"]) > 0 and len(headers["topic"]) <= 32
            content = browser.decrypt(body)
        except Exception as error:
            self.problems.append(repr(error))
            return 400, ""
        if status < 300:
            self.received.append(Received(browser, content, headers))
        self.on_push()
        return status, self.url + "/elsewhere" if status in (301, 302, 307) else ""

    def check_signature(self, authorization: str) -> None:
        """RFC 8292: a token for this service, that has not expired, signed by the key that browsers know."""
        scheme, _, rest = authorization.partition(" ")
        parts = dict(part.strip().split("=", 1) for part in rest.split(","))
        assert scheme == "vapid" and (not self.public_key or parts["k"] == self.public_key)
        head, claims, signature = parts["t"].split(".")
        assert json.loads(decode(head))["alg"] == "ES256"
        said, raw = json.loads(decode(claims)), decode(signature)
        assert said["aud"] == self.url and time.time() < said["exp"] < time.time() + 86_400
        assert said["sub"].startswith(("mailto:", "https:"))
        key = ec.EllipticCurvePublicKey.from_encoded_point(ec.SECP256R1(), decode(parts["k"]))
        pair = utils.encode_dss_signature(int.from_bytes(raw[:32]), int.from_bytes(raw[32:]))
        key.verify(pair, f"{head}.{claims}".encode(), ec.ECDSA(SHA256()))


def bodies(service: PushService) -> list[str]:
    return [push.content["body"] for push in service.received]
