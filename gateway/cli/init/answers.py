"""What `init` asks, and the configuration that the answers make. Pure."""

import tomllib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from ipaddress import ip_network
from pathlib import Path
from typing import Any

from pydantic import ValidationError

from gateway.config import Settings
from gateway.config.errors import problems_of
from gateway.config.sources import DEFAULT_PATH
from gateway.config.toml import toml_value

PASSWORD_FILE = "retarus-password"  # noqa: S105 - its name; beside the configuration
# The packaged unit's StateDirectory=. By its whole path, so that commands find the spool where no daemon runs.
PACKAGED_SPOOL = "sqlite:////var/lib/fax-gateway/spool.db"
SANDBOX_LOGIN = "sandbox"
_EVERY_ADDRESS = {4: "0.0.0.0:25", 6: "[::]:25"}  # by version of the protocol

Tables = Mapping[str, Mapping[str, Any]]


@dataclass(frozen=True, slots=True, kw_only=True)
class Answers:
    """`sandbox`: base URL of one, in place of a region."""

    hostname: str
    domains: tuple[str, ...]
    relay_networks: tuple[str, ...]
    listen: tuple[str, ...]
    smarthost: str
    postmaster: str
    region: str
    sandbox: str | None
    customer_number: str
    username: str
    password: str = field(repr=False)


def complaint(section: str, key: str, value: object) -> str | None:
    """What the configuration would say of one value; None: it takes it."""
    tables = {section: {key: value}} if section else {key: value}
    try:
        Settings.model_validate(tables)
    except ValidationError as error:
        return problems_of(error)[0][1]
    return None


def reachable_by(networks: Sequence[str]) -> tuple[str, ...]:
    """Where to listen, so that all of them get through: beyond this machine at the port of mail."""
    beyond = [network for network in (ip_network(each, strict=False) for each in networks) if not network.is_loopback]
    if not beyond:
        return ("127.0.0.1:8025",)
    return tuple(_EVERY_ADDRESS[version] for version in sorted({network.version for network in beyond}))


def tables(answers: Answers, path: Path, packaged: Tables) -> Tables:
    """The configuration without the password, which gets a file of its own.

    `packaged`: what the package's own file says; sections that nobody was asked about stay.
    """
    made: dict[str, Mapping[str, Any]] = {
        "smtp": {"listen": answers.listen, "domains": answers.domains, "relay_networks": answers.relay_networks},
        "retarus": _service(answers)
        | {
            "customer_number": answers.customer_number,
            "username": answers.username,
            "password_file": PASSWORD_FILE,
        },
        "notify": {
            "smarthost": answers.smarthost,
            "sender": f"postmaster@{answers.hostname}",
            "postmaster": answers.postmaster,
        },
    }
    if path.absolute() == DEFAULT_PATH:
        made["database"] = {"url": PACKAGED_SPOOL}
    return {name: keys for name, keys in packaged.items() if name not in made} | made


def packaged_tables(text: str) -> Tables | None:
    """Of a file that a package has put there, and that can send nothing yet; None: somebody has configured it."""
    try:
        found = tomllib.loads(text)
    except tomllib.TOMLDecodeError:
        return None
    if "retarus" in found or not all(isinstance(keys, dict) for keys in found.values()):
        return None
    return found


def _service(answers: Answers) -> dict[str, Any]:
    if answers.sandbox is None:
        return {"region": answers.region}
    base = answers.sandbox.rstrip("/")
    return {
        "ha_url": f"{base}/ha/rest/v1",
        "datacenter_urls": {each: f"{base}/{each}/rest/v1" for each in ("dc1", "dc2")},
    }


def text_of(answers: Answers, path: Path, packaged: Tables) -> str:
    lines = [
        "# Made by `fax-gateway init`. Every other key is in fax-gateway.toml(5); `fax-gateway config show` tells all.",
        f"hostname = {toml_value(answers.hostname)}",
    ]
    for section, keys in tables(answers, path, packaged).items():
        lines += ["", f"[{section}]", *(f"{key} = {toml_value(value)}" for key, value in keys.items())]
    return "\n".join([*lines, ""])
