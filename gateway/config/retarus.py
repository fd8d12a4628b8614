"""``[retarus]``: the account at the fax service and how it is reached."""

import re
from typing import Annotated, Literal, Self

from pydantic import AfterValidator, Field, SecretStr, model_validator

from gateway.config.values import ConfigPath, Count, Flag, PositiveDuration, Section, matching, parse_duration

_BASE_URL = re.compile(r"https?://[^\s/?#@]+(/[^\s?#]*)?/rest/v1/?")
_PROXY = re.compile(r"https?://[^\s/?#@]+/?")


def _login(name: str) -> str:
    if ":" in name:  # RFC 7617 §2: the first colon ends the name
        raise ValueError("a login holds no colon")
    return name


BaseUrl = Annotated[str, matching(_BASE_URL, "write an http(s) URL without login and query that ends in /rest/v1")]
ProxyUrl = Annotated[
    str, matching(_PROXY, 'write "http://host:port"; a login goes into proxy_username and proxy_password')
]
Login = Annotated[str, AfterValidator(_login)]


class Retarus(Section):
    """The account at the fax service. Give it a login of its own: reports of others in its list may hide ours."""

    region: Literal["de", "us", "ch", "sg"] | None = Field(
        None,
        description="Region of the account; or both ha_url and datacenter_urls. Without either: de.",
        examples=["de"],
    )
    ha_url: BaseUrl | None = Field(
        None, description="Where jobs are sent, in place of a region.", examples=["http://127.0.0.1:9100/ha/rest/v1"]
    )
    datacenter_urls: dict[str, BaseUrl] = Field(
        {},
        description="Where reports are read, by the data centre's name.",
        examples=[{"dc1": "http://127.0.0.1:9100/dc1/rest/v1", "dc2": "http://127.0.0.1:9100/dc2/rest/v1"}],
    )
    customer_number: Annotated[
        str, matching(re.compile("[A-Za-z0-9]+"), "write letters and digits: it is a part of URLs")
    ] = Field("99999", description="The customer number.", examples=["99999"])
    username: Login = Field("", description="Login.", examples=["fax-gateway@example.com"])
    password: SecretStr = Field(
        SecretStr(""), description="Its password; better as password_file or as a credential.", examples=["secret"]
    )
    concurrency: Count = Field(
        8, ge=1, le=1000, description="Requests at a time, per account, over all daemons.", examples=[8]
    )
    valid_for: PositiveDuration = Field(
        parse_duration("24h"),
        description="How long the service may try: jobValid.end of every request.",
        examples=["24h"],
    )
    in_doubt_after: PositiveDuration = Field(
        parse_duration("2h"),
        description="A job that perhaps arrived and has no report becomes unknown after this time.",
        examples=["2h"],
    )
    on_doubt: Literal["fail", "resubmit"] = Field(
        "fail", description="What then: tell the sender, or send again once that is safe.", examples=["fail"]
    )
    proxy: ProxyUrl | None = Field(None, description="Outbound HTTP proxy.", examples=["http://proxy.example.com:3128"])
    proxy_username: Login = Field("", description="Login at the proxy.", examples=["fax"])
    proxy_password: SecretStr = Field(SecretStr(""), description="Its password.", examples=["secret"])
    ca_file: ConfigPath | None = Field(
        None,
        description="PEM file of a private CA that the connection is checked against.",
        examples=["/etc/ssl/ca.pem"],
    )
    client_certificate: ConfigPath | None = Field(
        None, description="PEM file of a client certificate.", examples=["/etc/fax-gateway/client.pem"]
    )
    client_key: ConfigPath | None = Field(
        None, description="PEM file of its private key.", examples=["/etc/fax-gateway/client.key"]
    )
    duplicates_refused: Flag = Field(
        False, description="This account answers 409 to a repeated customerDefinedId.", examples=[False]
    )

    @model_validator(mode="after")
    def _one_way_to_the_service(self) -> Self:
        if self.region is not None and (self.ha_url is not None or self.datacenter_urls):
            raise ValueError("set either region or ha_url with datacenter_urls, not both")
        if (self.ha_url is None) != (not self.datacenter_urls):
            raise ValueError("ha_url and datacenter_urls belong together: set both or neither")
        return self

    @model_validator(mode="after")
    def _certificate_with_its_key(self) -> Self:
        if (self.client_certificate is None) != (self.client_key is None):
            raise ValueError("client_certificate and client_key belong together: set both or neither")
        return self
