"""A TLS terminator before Valkey, as a managed Redis has one, and a certificate authority of its own.

The Valkey of the wheel is built without TLS.
"""

from __future__ import annotations

import asyncio
import contextlib
import ssl
import threading
from datetime import UTC, datetime, timedelta
from ipaddress import ip_address
from pathlib import Path

from cryptography import x509
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat
from cryptography.x509.oid import NameOID

from tests.ports import free_port

CHUNK = 65_536  # bytes
VALID = timedelta(days=1)


def certificate_authority(folder: Path) -> tuple[Path, Path]:
    """The paths of a new authority's certificate, and of a server certificate for 127.0.0.1 with its key."""
    authority_key, server_key = (ec.generate_private_key(ec.SECP256R1()) for _ in range(2))
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "Obrolan's tests")])

    def certificate(key: ec.EllipticCurvePrivateKey, extension: x509.ExtensionType) -> bytes:
        now = datetime.now(UTC)
        subject = name if key is authority_key else x509.Name([])
        builder = x509.CertificateBuilder(name, subject, key.public_key(), x509.random_serial_number())
        builder = builder.not_valid_before(now - VALID).not_valid_after(now + VALID)
        signed = builder.add_extension(extension, critical=True).sign(authority_key, hashes.SHA256())
        return signed.public_bytes(Encoding.PEM)

    authority, server = folder / "authority.pem", folder / "server.pem"
    authority.write_bytes(certificate(authority_key, x509.BasicConstraints(ca=True, path_length=None)))
    addresses = x509.SubjectAlternativeName([x509.IPAddress(ip_address("127.0.0.1"))])
    private = server_key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption())
    server.write_bytes(certificate(server_key, addresses) + private)
    return authority, server


class TlsProxy:
    """Decrypts what it receives on `port` and passes it to the port `target` of this machine."""

    def __init__(self, certificate: Path, target: int) -> None:
        self.port, self.target = free_port(), target
        self.context = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH)
        self.context.load_cert_chain(certificate)
        self.loop = asyncio.new_event_loop()
        self.thread = threading.Thread(target=self.loop.run_forever, daemon=True)

    def __enter__(self) -> TlsProxy:
        self.thread.start()
        listening = asyncio.start_server(self.serve, "127.0.0.1", self.port, ssl=self.context)
        asyncio.run_coroutine_threadsafe(listening, self.loop).result(timeout=5)
        return self

    def __exit__(self, *_) -> None:
        asyncio.run_coroutine_threadsafe(self.cancel_all(), self.loop).result(timeout=5)
        self.loop.call_soon_threadsafe(self.loop.stop)
        self.thread.join()
        self.loop.close()

    async def cancel_all(self) -> None:
        tasks = asyncio.all_tasks() - {asyncio.current_task()}
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)

    async def serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        behind = await asyncio.open_connection("127.0.0.1", self.target)
        with contextlib.suppress(OSError):  # one side closed
            await asyncio.gather(passed_on(reader, behind[1]), passed_on(behind[0], writer))


async def passed_on(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    try:
        while data := await reader.read(CHUNK):
            writer.write(data)
            await writer.drain()
    finally:
        writer.close()
