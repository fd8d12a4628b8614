"""``[push]``: reports that the fax service pushes, and how it logs in for that."""

import re
from typing import Annotated, Literal, Self

from pydantic import Field, SecretStr, model_validator

from gateway.config.sections import PublicUrl
from gateway.config.values import Count, Listen, Network, Section, matching

# RFC 7617 §2: no colon; the others would have to be escaped in Digest (RFC 7616 §3.4).
Login = Annotated[
    str, matching(re.compile(r"[!#-9;-[\]-~]*"), "write ASCII without space, colon, quotation mark and backslash")
]


class Push(Section):
    """Reports that the service pushes; with listen and public_url every request asks for it. See docs/operations.md."""

    listen: Listen | None = Field(
        None, description="Where pushes are taken, in plain HTTP; empty: none.", examples=["127.0.0.1:8081"]
    )
    public_url: PublicUrl = Field(
        "",
        description="The URL that the service calls, of a proxy with TLS that passes /push/ on.",
        examples=["https://push.example.com"],
    )
    auth: Literal["none", "basic", "digest"] = Field(
        "none", description="How the service logs in, beside the token in each job's URL.", examples=["basic"]
    )
    username: Login = Field("", description="Its login.", examples=["retarus"])
    password: SecretStr = Field(SecretStr(""), description="Its password.", examples=["secret"])
    trusted_proxies: tuple[Network, ...] = Field(
        (),
        description="Proxies whose X-Forwarded-For is believed: requests are counted by the address in it.",
        examples=[["127.0.0.1/32"]],
    )
    requests_per_second: Count = Field(
        100, ge=1, description="Of one address, and ten times as many at once; more get 429.", examples=[100]
    )
    max_body_bytes: Count = Field(
        1024 * 1024, ge=1024, description="Largest body; a larger one gets 413.", examples=[1048576]
    )

    @model_validator(mode="after")
    def _asked_for_where_it_is_taken(self) -> Self:
        if (self.listen is None) != (not self.public_url):
            raise ValueError("listen and public_url belong together: set both or neither")
        return self

    @model_validator(mode="after")
    def _a_login_is_whole(self) -> Self:
        named = bool(self.username), bool(self.password.get_secret_value())
        if self.auth != "none" and not all(named):
            raise ValueError(f'auth = "{self.auth}" needs username and password')
        if self.auth == "none" and any(named):
            raise ValueError("username and password need auth: basic or digest")
        return self
