"""``[retarus]``: the account at the fax service and how it is reached."""

from pathlib import Path
from typing import Literal, Self

from pydantic import Field, SecretStr, model_validator

from gateway.config.values import Duration, Section, parse_duration


class Retarus(Section):
    """The account at the fax service. Give it a login of its own: reports of others in its list may hide ours."""

    region: Literal["de", "us", "ch", "sg"] | None = Field(
        None,
        description="Region of the account; or both ha_url and datacenter_urls. Without either: de.",
        examples=["de"],
    )
    ha_url: str | None = Field(
        None, description="Where jobs are sent, in place of a region.", examples=["http://127.0.0.1:9100/ha/rest/v1"]
    )
    datacenter_urls: dict[str, str] = Field(
        {},
        description="Where reports are read, by the data centre's name.",
        examples=[{"dc1": "http://127.0.0.1:9100/dc1/rest/v1", "dc2": "http://127.0.0.1:9100/dc2/rest/v1"}],
    )
    customer_number: str = Field("99999", min_length=1, description="The customer number.", examples=["99999"])
    username: str = Field("", description="Login.", examples=["fax-gateway@example.com"])
    password: SecretStr = Field(
        SecretStr(""), description="Its password; better as password_file or as a credential.", examples=["secret"]
    )
    concurrency: int = Field(
        8, ge=1, le=1000, description="Requests at a time, per account, over all daemons.", examples=[8]
    )
    valid_for: Duration = Field(
        parse_duration("24h"),
        description="How long the service may try: jobValid.end of every request.",
        examples=["24h"],
    )
    in_doubt_after: Duration = Field(
        parse_duration("2h"),
        description="A job that perhaps arrived and has no report becomes unknown after this time.",
        examples=["2h"],
    )
    on_doubt: Literal["fail", "resubmit"] = Field(
        "fail", description="What then: tell the sender, or send again once that is safe.", examples=["fail"]
    )
    proxy: str | None = Field(None, description="Outbound HTTP proxy.", examples=["http://proxy.example.com:3128"])
    proxy_username: str = Field("", description="Login at the proxy.", examples=["fax"])
    proxy_password: SecretStr = Field(SecretStr(""), description="Its password.", examples=["secret"])
    ca_file: Path | None = Field(
        None,
        description="PEM file of a private CA that the connection is checked against.",
        examples=["/etc/ssl/ca.pem"],
    )
    client_certificate: Path | None = Field(
        None, description="PEM file of a client certificate.", examples=["/etc/fax-gateway/client.pem"]
    )
    client_key: Path | None = Field(
        None, description="PEM file of its private key.", examples=["/etc/fax-gateway/client.key"]
    )
    duplicates_refused: bool = Field(
        False, description="This account answers 409 to a repeated customerDefinedId.", examples=[False]
    )

    @model_validator(mode="after")
    def _one_way_to_the_service(self) -> Self:
        if self.region is not None and (self.ha_url is not None or self.datacenter_urls):
            raise ValueError("set either region or ha_url with datacenter_urls, not both")
        if (self.ha_url is None) != (not self.datacenter_urls):
            raise ValueError("ha_url and datacenter_urls belong together: set both or neither")
        for url in (self.ha_url, *self.datacenter_urls.values()):
            if url is not None and not url.startswith(("http://", "https://")):
                raise ValueError(f"{url} is no URL; it begins with https:// or http://")
        if (self.client_certificate is None) != (self.client_key is None):
            raise ValueError("client_certificate and client_key belong together: set both or neither")
        return self
