"""The listeners of the mail front, as the configuration wants them: opened together, left together."""

import asyncio
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import AsyncExitStack
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from functools import partial
from pathlib import Path
from types import TracebackType
from typing import Self

import structlog

from gateway.config import ListenAddress, Settings
from gateway.daemon import wiring
from gateway.intake.acceptance import Intake
from gateway.smtp.admission import Admission
from gateway.smtp.listener import Listener
from gateway.smtp.login import Logins
from gateway.smtp.pressure import Pressure, room_at
from gateway.smtp.rules import Protocol, SessionRules
from gateway.smtp.session import FaxSession
from gateway.smtp.tls import Certificate, certificate_end
from gateway.spool.database import Database
from gateway.spool.logins import LoginStore
from gateway.spool.place import directory_of
from gateway.systemd.inherited import InheritedSockets

log = structlog.get_logger()

# How long a mail in hand may take to its end when the daemon stops.
GRACE = timedelta(seconds=20)


@dataclass(frozen=True, slots=True)
class Door:
    """One address, and what is spoken there. `key` is the one of the configuration that names it."""

    key: str
    address: ListenAddress | Path
    rules: SessionRules


class MailFront:
    """Raises CertificateUnusable; entering it raises OSError where an address can't be listened on."""

    def __init__(
        self,
        settings: Settings,
        intake: Intake,
        database: Database,
        *,
        paused: Callable[[], bool],
        sockets: InheritedSockets | None = None,
    ) -> None:
        self._sockets = sockets or InheritedSockets()
        self._intake = intake
        self._paused = paused
        self._certificates = _certificates(settings)
        self._doors = tuple(_doors(settings, Logins(LoginStore(database), time.monotonic), *self._certificates))
        self._admission = Admission(
            most=settings.smtp.max_sessions, most_per_address=settings.smtp.max_sessions_per_address
        )
        directory = directory_of(database.place)
        self._pressure = Pressure(partial(room_at, directory, wiring.content_store(settings, database.place).directory))
        self._open = AsyncExitStack()

    async def __aenter__(self) -> Self:
        async with AsyncExitStack() as opening:
            self.listeners = [
                await opening.enter_async_context(
                    Listener(
                        door.address,
                        door.rules.protocol,
                        partial(self._session, door.rules),
                        self._sockets.take(door.key, str(door.address)),
                    )
                )
                for door in self._doors
            ]
            self._open = opening.pop_all()
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, traceback: TracebackType | None
    ) -> None:
        """Those that have a mail in hand get its reply; who comes meanwhile is told to come again, or waits."""
        self._admission.draining = True
        for listener in self.listeners:
            listener.hand_over()
        for session in tuple(self._admission.sessions):
            session.leave()
        try:
            await asyncio.wait_for(self._admission.empty.wait(), GRACE.total_seconds())
        except TimeoutError:
            log.warning("sessions_broken_off", sessions=len(self._admission.sessions))
        await self._open.aclose()

    def reload_certificates(self) -> None:
        for certificate in self._certificates:
            if certificate is not None:
                certificate.reload(datetime.now(UTC))

    @property
    def sessions(self) -> int:
        return len(self._admission.sessions)

    @property
    def certificate_ends(self) -> Mapping[str, datetime]:
        """Of each kind of listener that offers TLS, when what it shows ends."""
        rules = [door.rules for door in self._doors]
        return {_kind(each): each.certificate.ends for each in rules if each.certificate and each.certificate.ends}

    @property
    def addresses(self) -> Sequence[str]:
        """What is listened on, as in the configuration, with real ports."""
        return [listener.shown for listener in self.listeners]

    def _session(self, rules: SessionRules) -> FaxSession:
        return FaxSession(
            intake=self._intake,
            rules=rules,
            admission=self._admission,
            pressure=self._pressure,
            paused=self._paused,
            loop=asyncio.get_running_loop(),
        )


def _kind(rules: SessionRules) -> str:
    """`smtp`, `smtp_legacy_tls`, `submission`, `submission_tls`: no address, which may be no label of a metric."""
    if rules.certificate is not None and rules.certificate.legacy:
        return f"{rules.protocol.value}_legacy_tls"
    return f"{rules.protocol.value}_tls" if rules.implicit_tls else rules.protocol.value


def _certificates(settings: Settings) -> tuple[Certificate | None, Certificate | None]:
    """The usual one, and the same for old MFPs."""
    chain, key = settings.tls.certificate, settings.tls.private_key
    if chain is None or key is None:
        return None, None
    ends = certificate_end(chain)
    if ends is not None and ends <= datetime.now(UTC):
        hint = "clients that look at it go away; put a new one in its place and reload"
        log.error("certificate_ended", certificate=str(chain), since=str(ends), hint=hint)
    legacy = Certificate(chain, key, legacy=True) if settings.smtp.listen_legacy_tls else None
    return Certificate(chain, key, min_version=settings.tls.min_version), legacy


def _doors(
    settings: Settings, logins: Logins, certificate: Certificate | None, legacy: Certificate | None
) -> Iterator[Door]:
    smtp, submission = settings.smtp, settings.submission
    relays = SessionRules(
        protocol=Protocol.SMTP,
        hostname=settings.hostname,
        max_message_bytes=smtp.max_message_bytes,
        certificate=certificate,
        implicit_tls=False,
        logins=logins,
        auth_required=False,
        auth_without_tls=smtp.auth_without_tls,
        trusted=False,
        proxy_networks=smtp.proxy_networks,
        idle=smtp.idle_timeout,
        mail_time=smtp.mail_timeout,
        most_errors=smtp.max_errors,
    )
    for address in smtp.listen:
        yield Door("smtp.listen", address, relays)
    for address in smtp.listen_legacy_tls:
        yield Door("smtp.listen_legacy_tls", address, replace(relays, certificate=legacy))
    for place in settings.lmtp.listen:
        lmtp = replace(relays, protocol=Protocol.LMTP, certificate=None, logins=None)
        trusting = replace(lmtp, trusted=True, proxy_networks=())
        yield Door("lmtp.listen", place, trusting if isinstance(place, Path) else lmtp)
    clients = replace(relays, protocol=Protocol.SUBMISSION, auth_required=True)
    for address in submission.listen:
        yield Door("submission.listen", address, clients)
    for address in submission.listen_tls:
        yield Door("submission.listen_tls", address, replace(clients, implicit_tls=True))
