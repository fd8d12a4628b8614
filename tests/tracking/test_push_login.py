"""The login beside the token: RFC 7617 Basic, RFC 7616 Digest."""

import hashlib
import re

import pytest
from aiohttp import encode_basic_auth

from gateway.tracking.push.login import NONCE_LIVES, REALM, BasicLogin, DigestLogin, NoLogin

PATH = "/push/abc.def"
BASIC = BasicLogin("retarus", "größer: als")
NAMES = {"SHA-256": "sha256", "MD5": "md5"}


class Clock:
    now = 1_000_000.5

    def __call__(self) -> float:
        return self.now


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
def digest(clock: Clock) -> DigestLogin:
    return DigestLogin("retarus", "secret", b"k" * 32, clock)


def nonce_of(challenge: str) -> str:
    found = re.search(r'nonce="([^"]+)"', challenge)
    assert found is not None
    return found[1]


def answer(login: DigestLogin, algorithm: str = "MD5", **changes: str) -> str:
    """What a client makes of the challenge, by the book: RFC 7616 §3.4.1."""
    given = {
        "username": "retarus",
        "realm": REALM,
        "password": "secret",
        "uri": f"/fax{PATH}",
        "method": "POST",
        "qop": "auth",
        "nc": "00000001",
        "cnonce": "0a4f113b",
        "nonce": nonce_of(login.challenges(None, "POST", PATH)[0]),
        "algorithm": algorithm,
    } | changes

    def of(*parts: str) -> str:
        return hashlib.new(NAMES.get(algorithm, "md5"), ":".join(parts).encode()).hexdigest()

    secret = of(given["username"], given["realm"], given.pop("password"))
    request = of(given.pop("method"), given["uri"])
    given.setdefault("response", of(secret, given["nonce"], given["nc"], given["cnonce"], given["qop"], request))
    return "Digest " + ", ".join(f'{name}="{value}"' for name, value in given.items())


def test_without_a_login_the_token_is_enough() -> None:
    assert not NoLogin().challenges(None, "POST", PATH)


GOOD = encode_basic_auth("retarus", "größer: als", "utf-8")


@pytest.mark.parametrize("header", [GOOD, GOOD.replace("Basic", "BASIC")])
def test_basic_takes_its_own_login(header: str) -> None:
    assert not BASIC.challenges(header, "POST", PATH)


@pytest.mark.parametrize(
    "header",
    [
        None,
        "",
        "Basic",
        "Basic =",
        "Basic \udcff",
        GOOD[:-4],
        GOOD.replace("Basic", "Bearer"),
        encode_basic_auth("retarus", "", "utf-8"),
        encode_basic_auth("", "größer: als", "utf-8"),
    ],
)
def test_basic_takes_no_other(header: str | None) -> None:
    assert BASIC.challenges(header, "POST", PATH) == ('Basic realm="fax-gateway", charset="UTF-8"',)


def test_digest_offers_the_better_algorithm_first(digest: DigestLogin) -> None:
    challenges = digest.challenges(None, "POST", PATH)
    assert [re.findall("algorithm=([^,]+)", each) for each in challenges] == [["SHA-256"], ["MD5"]]
    assert all('qop="auth"' in each and "stale" not in each for each in challenges)


@pytest.mark.parametrize("algorithm", NAMES)
def test_digest_takes_a_right_answer(digest: DigestLogin, algorithm: str) -> None:
    assert not digest.challenges(answer(digest, algorithm), "POST", PATH)


def test_without_algorithm_it_is_md5(digest: DigestLogin) -> None:
    assert not digest.challenges(answer(digest).replace(', algorithm="MD5"', ""), "POST", PATH)


@pytest.mark.parametrize(
    "changes",
    [
        {"password": "wrong"},
        {"username": "somebody"},
        {"realm": "elsewhere"},
        {"uri": "/push/other"},
        {"method": "GET"},
        {"qop": "auth-int"},
        {"response": "0" * 32},
        {"response": ""},
        {"algorithm": "SHA-512-256"},
        {"algorithm": "MD5-sess"},
    ],
    ids=lambda changes: " ".join(changes.values()) or "empty",
)
def test_digest_takes_no_other(digest: DigestLogin, changes: dict[str, str]) -> None:
    challenges = digest.challenges(answer(digest, **changes), "POST", PATH)
    assert len(challenges) == 2
    assert "stale" not in challenges[0]


@pytest.mark.parametrize(
    "header",
    ["Digest", "Digest x", 'Digest username="', "Digest =,,", "Digest a=", "Basic eDp5", "", "Digest \udcff=1"],
)
def test_what_cannot_be_read_is_no_answer(digest: DigestLogin, header: str) -> None:
    assert len(digest.challenges(header, "POST", PATH)) == 2


def test_an_old_nonce_is_said_to_be_stale_so_that_the_client_tries_again(digest: DigestLogin, clock: Clock) -> None:
    late = answer(digest)
    clock.now += NONCE_LIVES - 1
    assert not digest.challenges(late, "POST", PATH)
    clock.now += 2
    challenges = digest.challenges(late, "POST", PATH)
    assert all(each.endswith("stale=true") for each in challenges)
    assert not digest.challenges(answer(digest, nonce=nonce_of(challenges[0])), "POST", PATH)


@pytest.mark.parametrize("nonce", ["", "1000000", "1000000.00", "x.y", "9" * 30 + ".0", "١.0"])
def test_a_nonce_of_others_is_stale(digest: DigestLogin, nonce: str) -> None:
    assert all(each.endswith("stale=true") for each in digest.challenges(answer(digest, nonce=nonce), "POST", PATH))
