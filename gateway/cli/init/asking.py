"""The questions of `init`, on a terminal; elsewhere the options must have said it."""

import socket
import sys
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path

import typer

from gateway.cli.exits import Exit
from gateway.cli.init.answers import SANDBOX_LOGIN, Answers, complaint, reachable_by

LOOPBACK = ("127.0.0.0/8", "::1/128")


@dataclass(frozen=True, slots=True, kw_only=True)
class Given:
    """What the options say; None: nothing."""

    hostname: str | None
    domains: tuple[str, ...] | None
    relay_networks: tuple[str, ...] | None
    listen: tuple[str, ...] | None
    smarthost: str | None
    postmaster: str | None
    region: str | None
    sandbox: str | None
    customer_number: str | None
    username: str | None
    password_file: Path | None


def is_terminal() -> bool:
    return sys.stdin.isatty()


def ask(given: Given) -> Answers:
    """Asks for what was not given; ends the command where nobody can be asked, or a given value is wrong."""
    if given.sandbox is not None:
        region, number, login = "", "99999", SANDBOX_LOGIN
    else:
        region = _one("region", given.region, "Region of the account (de, us, ch, sg)", "de", ("retarus", "region"))
        number = _one("customer-number", given.customer_number, "Customer number", None, ("retarus", "customer_number"))
        login = _one("login", given.username, "Login at the fax service", None, ("retarus", "username"))
    secret = SANDBOX_LOGIN if given.sandbox is not None else password(given.password_file, "password", login)
    domains = _several(
        "domain",
        given.domains,
        "Fax domain: mails to NUMBER@ it become faxes; several with commas",
        ("fax.local",),
        ("smtp", "domains"),
    )
    networks = _several(
        "relay-network",
        given.relay_networks,
        "Networks whose mail servers and devices may send without a login; several with commas",
        LOOPBACK,
        ("smtp", "relay_networks"),
    )
    return Answers(
        region=region,
        sandbox=given.sandbox,
        customer_number=number,
        username=login,
        password=secret,
        domains=domains,
        relay_networks=networks,
        listen=_several(
            "listen",
            given.listen,
            "Address and port at which they reach the gateway; several with commas",
            reachable_by(networks),
            ("smtp", "listen"),
        ),
        smarthost=_one(
            "smarthost",
            given.smarthost,
            "Mail server that takes our mails to senders",
            "127.0.0.1:25",
            ("notify", "smarthost"),
        ),
        postmaster=_one(
            "postmaster",
            given.postmaster,
            "Mail address of who looks after the gateway",
            "root@localhost",
            ("notify", "postmaster"),
        ),
        hostname=_one("hostname", given.hostname or _own_name(domains[0]), "", None, ("", "hostname")),
    )


def password(file: Path | None, option: str, whose: str, *, is_new: bool = False) -> str:
    """From the first line of a file, so that no list of processes shows it; else asked for, a new one twice."""
    if file is not None:
        try:
            return _not_empty(file.read_text("utf-8").partition("\n")[0].rstrip("\r"))
        except (OSError, ValueError) as error:
            raise _wrong(f"--{option}-file {file}: {error}") from error
    if not is_terminal():
        raise _wrong(f"--{option}-file is needed where nobody can be asked")
    return str(typer.prompt(f"Password of {whose}", hide_input=True, confirmation_prompt=is_new))


def _one(option: str, given: str | None, question: str, default: str | None, key: tuple[str, str]) -> str:
    (answer,) = _answered(option, [given] if given is not None else None, question, default, lambda text: [text], key)
    return answer


def _several(
    option: str, given: Sequence[str] | None, question: str, default: Sequence[str], key: tuple[str, str]
) -> tuple[str, ...]:
    def read(text: str) -> list[str]:
        return text.replace(",", " ").split()

    return tuple(_answered(option, given, question, ", ".join(default), read, key, listed=True))


def _answered(
    option: str,
    given: Sequence[str] | None,
    question: str,
    default: str | None,
    read: Callable[[str], list[str]],
    key: tuple[str, str],
    *,
    listed: bool = False,
) -> Sequence[str]:
    if given is not None or not is_terminal():
        answer = given if given is not None else read(default) if default is not None else None
        if answer is None:
            raise _wrong(f"--{option} is needed where nobody can be asked")
        wrong = complaint(*key, list(answer) if listed else answer[0])
        if wrong is not None:
            raise _wrong(f"--{option}: {wrong}")
        return answer
    while True:
        answer = read(str(typer.prompt(question, default=default)))
        wrong = complaint(*key, answer if listed else next(iter(answer), ""))
        if wrong is None:
            return answer
        typer.echo(wrong, err=True)


def _own_name(domain: str) -> str:
    """The machine's, where it has a whole one (RFC 5321 §4.1.1.1); else the fax domain."""
    name = socket.getfqdn()
    return (
        name if "." in name and not name.startswith("localhost") and complaint("", "hostname", name) is None else domain
    )


def _not_empty(line: str) -> str:
    if not line:
        raise ValueError("its first line is empty")
    return line


def _wrong(said: str) -> typer.Exit:
    typer.echo(said, err=True)
    return typer.Exit(Exit.USAGE)
