"""``[push]``: a push is asked for where it can be taken, and a login is whole."""

from typing import Any

import pytest
from pydantic import ValidationError

from gateway.config.push import Push

WHERE = {"listen": "127.0.0.1:8081", "public_url": "https://push.example.com"}


@pytest.mark.parametrize(
    "values",
    [
        {},
        {"listen": "", "public_url": ""},
        WHERE,
        WHERE | {"public_url": "https://push.example.com/fax/"},
        WHERE | {"auth": "basic", "username": "retarus", "password": "größer: als"},
        WHERE | {"auth": "digest", "username": "a[b]^~", "password": "secret"},
    ],
)
def test_what_belongs_together_is_taken(values: dict[str, Any]) -> None:
    assert (Push.model_validate(values).listen is None) == (not values.get("listen"))


@pytest.mark.parametrize(
    ("values", "reason"),
    [
        ({"listen": "127.0.0.1:8081"}, "listen and public_url belong together"),
        ({"public_url": "https://push.example.com"}, "listen and public_url belong together"),
        (WHERE | {"public_url": "push.example.com"}, "write a URL"),
        (WHERE | {"public_url": "https://me:secret@push.example.com"}, "write a URL without login"),
        (WHERE | {"auth": "basic"}, 'auth = "basic" needs username and password'),
        (WHERE | {"auth": "digest", "username": "retarus"}, 'auth = "digest" needs username and password'),
        (WHERE | {"username": "retarus"}, "username and password need auth"),
        (WHERE | {"password": "secret"}, "username and password need auth"),
        (WHERE | {"auth": "basic", "username": "a:b", "password": "x"}, "write ASCII without"),
        (WHERE | {"auth": "basic", "username": 'a"b', "password": "x"}, "write ASCII without"),
        (WHERE | {"auth": "basic", "username": "ä", "password": "x"}, "write ASCII without"),
        (WHERE | {"auth": "oauth2"}, "'none', 'basic' or 'digest'"),
        (WHERE | {"requests_per_second": 0}, "greater than or equal to 1"),
        (WHERE | {"max_body_bytes": 10}, "greater than or equal to 1024"),
    ],
)
def test_what_does_not_is_said(values: dict[str, Any], reason: str) -> None:
    with pytest.raises(ValidationError, match=reason):
        Push.model_validate(values)
