"""The whole mail front on free ports: real sockets, a real spool, no delivery."""

import asyncio
import shutil
import socket
import ssl
from collections.abc import AsyncIterator, Callable
from contextlib import AbstractAsyncContextManager, asynccontextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from functools import partial
from pathlib import Path
from typing import Any

import pytest
import trustme
from sqlalchemy import select

from gateway.config import Settings
from gateway.daemon import wiring
from gateway.daemon.mail_front import MailFront
from gateway.daemon.service import Bells, build_intake
from gateway.documents.converter import Converters, Start
from gateway.documents.converter.children import start_child
from gateway.spool import logins, schema
from gateway.spool.bell import Bell
from gateway.spool.content import ContentStore
from gateway.spool.database import Database

PATIENCE = 10  # seconds


class Peer:
    """A client that says what it is told to, octet for octet."""

    def __init__(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self.reader = reader
        self.writer = writer

    async def send(self, data: bytes) -> None:
        self.writer.write(data)
        await self.writer.drain()

    async def line(self) -> str:
        """The next line of a reply, without its end; empty at the end of the connection."""
        async with asyncio.timeout(PATIENCE):
            return (await self.reader.readline()).decode().removesuffix("\r\n")

    async def reply(self) -> str:
        """The last line of the next reply."""
        while (line := await self.line())[3:4] == "-":
            pass
        return line

    async def ask(self, *commands: str) -> list[str]:
        """Sends the commands together; the replies."""
        await self.send("".join(f"{command}\r\n" for command in commands).encode())
        return [await self.reply() for _ in commands]

    async def rest(self) -> bytes:
        """Everything up to the end of the connection."""
        async with asyncio.timeout(PATIENCE):
            return await self.reader.read()

    async def start_tls(self, context: ssl.SSLContext) -> None:
        await self.writer.start_tls(context, server_hostname="fax.example.com")

    def close(self) -> None:
        self.writer.close()


@dataclass
class Front:
    """Listeners by name: smtp, lmtp, socket (LMTP), submission, submissions (implicit TLS)."""

    database: Database
    contents: ContentStore
    mail_front: MailFront
    places: dict[str, str]
    trust: ssl.SSLContext

    @asynccontextmanager
    async def client(self, listener: str = "smtp", *, greeted: bool = True) -> AsyncIterator[Peer]:
        """Connected; `greeted`: the greeting has been read."""
        place = self.places[listener]
        if place.startswith("/"):
            streams = await asyncio.open_unix_connection(place)
        else:
            host, _, port = place.rpartition(":")
            tls = {"ssl": self.trust, "server_hostname": "fax.example.com"} if listener == "submissions" else {}
            streams = await asyncio.open_connection(host, int(port), **tls)  # type: ignore[arg-type] # both or none
        peer = Peer(*streams)
        try:
            if greeted:
                assert (await peer.reply()).startswith("220 ")
            yield peer
        finally:
            peer.close()

    async def rows(self, table: Any) -> list[dict[str, Any]]:
        """What stands in the spool."""
        return await self.database.read(lambda c: [dict(row) for row in c.execute(select(table)).mappings()])

    async def mails(self) -> list[bytes]:
        """The mails as they were stored, in the order of their arrival."""
        query = select(schema.mail.c.content_id).order_by(schema.mail.c.received_at)
        ids = await self.database.read(lambda c: list(c.execute(query).scalars()))
        found = [await self.database.read(partial(self.contents.load, content_id=each)) for each in ids]
        return [await content.read() for content in found]


OpenFront = Callable[..., AbstractAsyncContextManager[Front]]


@pytest.fixture(scope="session")
def authority() -> trustme.CA:
    return trustme.CA()


@dataclass(frozen=True)
class Secrets:
    """What costs a tenth of a second to make, once for all: a certificate, and the password of the one login."""

    certificate: trustme.LeafCert
    trust: ssl.SSLContext
    password_hash: str


@pytest.fixture(scope="session")
def secrets(authority: trustme.CA) -> Secrets:
    trust = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)  # it need not know the authorities of the world
    authority.configure_trust(trust)
    return Secrets(authority.issue_cert("fax.example.com"), trust, logins.hashed("correct horse"))


@pytest.fixture
def open_front(tmp_path: Path, secrets: Secrets, new_spool: Path) -> OpenFront:
    """``async with open_front(smtp={"max_errors": 3}) as front``; sections are added to the usual settings."""
    chain, key = tmp_path / "chain.pem", tmp_path / "key.pem"
    secrets.certificate.private_key_pem.write_to_path(key)
    for number, blob in enumerate(secrets.certificate.cert_chain_pems):
        blob.write_to_path(chain, append=number > 0)

    @asynccontextmanager
    async def opened(
        *, paused: Callable[[], bool] = lambda: False, start: Start = start_child, **sections: Any
    ) -> AsyncIterator[Front]:
        socket_path = tmp_path / "lmtp.sock"
        usual: dict[str, dict[str, Any]] = {
            "smtp": {"listen": ["127.0.0.1:0"]},
            "lmtp": {"listen": ["127.0.0.1:0", str(socket_path)]},
            "submission": {"listen": ["127.0.0.1:0"], "listen_tls": ["127.0.0.1:0"]},
            "tls": {"certificate": str(chain), "private_key": str(key)},
        }
        merged = sections | {name: section | sections.get(name, {}) for name, section in usual.items()}
        settings = Settings.model_validate({"hostname": "fax.example.com"} | merged)
        spool = tmp_path / "spool.db"
        if not spool.exists():
            shutil.copy(new_spool, spool)
        async with Database.open(spool) as database:
            await database.write(lambda c: logins.put(c, "jana", secrets.password_hash, datetime.now(UTC)))
            contents = ContentStore(tmp_path / "content")
            bells = Bells(Bell(), Bell(), Bell(), Bell())
            with Converters(start) as converters:
                intake = build_intake(settings, wiring.treatments(settings), database, contents, bells, converters)
                async with MailFront(settings, intake, database, paused=paused) as mail_front:
                    names = ("smtp", "lmtp", "socket", "submission", "submissions")
                    places = dict(zip(names, mail_front.addresses, strict=True))
                    yield Front(database, contents, mail_front, places, secrets.trust)

    return opened


@pytest.fixture
def raw_socket() -> Callable[[str], socket.socket]:
    """A blocking socket to a host:port, for what asyncio's streams can't do."""

    def connect(place: str) -> socket.socket:
        host, _, port = place.rpartition(":")
        return socket.create_connection((host, int(port)), timeout=PATIENCE)

    return connect
