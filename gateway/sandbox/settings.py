"""What can be changed while the sandbox runs (``PUT /_sandbox/settings``): logins, limits, delays, retention."""

from collections.abc import Mapping
from datetime import timedelta
from ipaddress import IPv4Network, IPv6Network, ip_address
from typing import Annotated, Any, Literal

from pydantic import BaseModel, BeforeValidator, ConfigDict, Field, PlainSerializer, SecretStr

from gateway.sandbox.dialling import Delays


class _Part(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid")


def _network(value: object) -> object:
    return (IPv6Network(value) if ":" in value else IPv4Network(value)) if isinstance(value, str) else value


Network = Annotated[IPv4Network | IPv6Network, BeforeValidator(_network), PlainSerializer(str)]
Password = Annotated[SecretStr, PlainSerializer(lambda secret: secret.get_secret_value())]


class Login(_Part):
    """Jobs of one login are invisible to another; `networks` empty: it may come from anywhere."""

    password: Password
    customers: tuple[str, ...] = ("99999",)
    networks: tuple[Network, ...] = ()

    def allows(self, peer: str | None) -> bool:
        return not self.networks or (peer is not None and any(ip_address(peer) in each for each in self.networks))


class Limits(_Part):
    """Fax4A, "Not known": maximum body size, documents and recipients per job are the sandbox's own guesses."""

    body_bytes: int = Field(100 * 1024 * 1024, ge=1)
    documents: int = Field(100, ge=1)
    recipients: int = Field(1000, ge=1)
    reports: int = Field(1000, ge=1)  # in one list, and deleted by one DELETE
    bulk: int = Field(1000, ge=1)  # job ids in one bulk request


class Settings(_Part):
    logins: dict[str, Login] = {"sandbox": Login(password=SecretStr("sandbox"))}
    limits: Limits = Limits()
    delays: Delays = "short"
    retention_days: float = Field(30, gt=0, le=36500, allow_inf_nan=False)
    seed: int | None = None  # of data centres, job ids, delays and faults; setting it starts chance anew
    conflict_409: bool = False
    reference_hosts: tuple[str, ...] = ()  # documents by reference are fetched from these only, host or host:port
    push_body: Literal["xml", "json"] = "xml"

    @property
    def retention(self) -> timedelta:
        return timedelta(days=self.retention_days)

    def changed(self, wanted: Mapping[str, Any]) -> "Settings":
        """With what `wanted` names, of the limits too; the rest stays. Raises pydantic's ValidationError."""
        present = self.model_dump(mode="json")
        limits = wanted.get("limits")
        parts = {"limits": present["limits"] | limits} if isinstance(limits, dict) else {}
        return Settings.model_validate(present | dict(wanted) | parts)
