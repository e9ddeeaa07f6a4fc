"""A mail server of the test's own, on loopback: it speaks SMTP line by line, and breaks where it is told to."""

from __future__ import annotations

import base64
import datetime
import ipaddress
import socket
import threading
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID

if TYPE_CHECKING:
    import ssl
    from collections.abc import Iterator
    from pathlib import Path

OTHER_LOOPBACK = "127.0.0.2"
"""This machine as well, but none of the names that the product takes for it."""


@dataclass
class MailServer:
    """`replies` replaces the answer to a command (`MAIL`, `.` for a mail's end); "" hangs up instead."""

    replies: dict[str, str] = field(default_factory=dict)
    offers: tuple[str, ...] = ()
    context: ssl.SSLContext | None = None
    mails: list[bytes] = field(default_factory=list)
    said: list[str] = field(default_factory=list)
    port: int = 0

    def serve(self, connection: socket.socket) -> None:
        """One connection until it ends."""
        with suppress(OSError), connection:
            connection.sendall(b"220 test\r\n")
            stream = connection.makefile("rb")
            while line := stream.readline():
                text = line.decode().strip()
                self.said.append(text)
                verb = text.split(" ")[0].upper()
                answer = self.replies.get(verb, self._usual(verb))
                if not answer:
                    return
                connection.sendall(f"{answer}\r\n".encode())
                if verb == "STARTTLS" and self.context and answer.startswith("220"):
                    connection = self.context.wrap_socket(connection, server_side=True)
                    stream = connection.makefile("rb")
                if verb == "DATA" and answer.startswith("354") and not self._take(stream, connection):
                    return
                if verb == "QUIT":
                    return

    def _take(self, stream, connection: socket.socket) -> bool:  # type: ignore[no-untyped-def]
        lines = []
        while (line := stream.readline()) != b".\r\n":
            if not line or "hang up in the mail" in self.replies:
                return False
            lines.append(line.removeprefix(b"."))
        self.mails.append(b"".join(lines))
        answer = self.replies.get(".", "250 2.0.0 Ok: queued as 4XyZ.1")
        if answer:
            connection.sendall(f"{answer}\r\n".encode())
        return bool(answer)

    def _usual(self, verb: str) -> str:
        if verb == "EHLO":
            return "\r\n".join(("250-test", *(f"250-{offer}" for offer in self.offers), "250 SIZE"))
        return {"DATA": "354 go on", "QUIT": "221 bye", "STARTTLS": "220 go on", "AUTH": "235 welcome"}.get(
            verb, "250 ok"
        )

    def passwords(self) -> list[str]:
        """What was signed in with, decoded."""
        return [base64.b64decode(text.split(" ")[2]).decode() for text in self.said if text.startswith("AUTH PLAIN ")]


@contextmanager
def running(server: MailServer, *, host: str = "127.0.0.1", encrypted: bool = False) -> Iterator[MailServer]:
    """The server, listening while the block runs."""
    with socket.create_server((host, 0)) as listening:
        server.port = listening.getsockname()[1]
        thread = threading.Thread(target=_accept, args=(server, listening, encrypted), daemon=True)
        thread.start()
        yield server
        listening.shutdown(socket.SHUT_RDWR)
    thread.join(5)


def _accept(server: MailServer, listening: socket.socket, encrypted: bool) -> None:
    while True:
        try:
            connection = listening.accept()[0]
        except OSError:
            return
        connection.settimeout(5)
        with suppress(OSError):
            if encrypted and server.context:
                connection = server.context.wrap_socket(connection, server_side=True)
            server.serve(connection)


def certificate(folder: Path, host: str) -> Path:
    """A throwaway certificate for an address, with its key, in one file; it vouches for itself."""
    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "mail server of a test")])
    now = datetime.datetime.now(datetime.UTC)
    made = (
        x509.CertificateBuilder()
        .subject_name(name)
        .issuer_name(name)
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(now - datetime.timedelta(days=1))
        .not_valid_after(now + datetime.timedelta(days=1))
        .add_extension(x509.SubjectAlternativeName([x509.IPAddress(ipaddress.ip_address(host))]), critical=False)
        .add_extension(x509.BasicConstraints(ca=True, path_length=0), critical=True)
        .sign(key, hashes.SHA256())
    )
    path = folder / "certificate.pem"
    private = key.private_bytes(
        serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
    )
    path.write_bytes(private + made.public_bytes(serialization.Encoding.PEM))
    return path
