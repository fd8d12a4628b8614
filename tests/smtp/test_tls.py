"""RFC 3207, RFC 8314: TLS from the first byte, its versions, and a certificate that is renewed meanwhile."""

import asyncio
import ssl
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
import structlog
import trustme

from gateway.smtp.tls import Certificate, CertificateUnusable

NOW = datetime(2026, 1, 1, tzinfo=UTC)


def test_tls_from_the_first_byte_takes_a_whole_mail(open_front: Any) -> None:
    async def scenario() -> None:
        async with open_front(submission={"listen": ["127.0.0.1:0"]}) as front, front.client("submissions") as peer:
            await peer.ask("EHLO x", "AUTH PLAIN AGphbmEAY29ycmVjdCBob3JzZQ==")
            await peer.ask("MAIL FROM:<jana@example.com>", "RCPT TO:<+4989123456@fax.local>", "DATA")
            await peer.send(b"Subject: x\r\n\r\n" + b"x" * 78 + b"\r\n" * 200_000 + b".\r\n")
            assert (await peer.reply()).startswith("250 2.0.0 queued as")

    asyncio.run(scenario())


def test_a_session_that_stands_goes_on_when_the_certificate_is_renewed(
    open_front: Any, authority: trustme.CA, tmp_path: Path
) -> None:
    def serial(peer: Any) -> str:
        return str(peer.writer.get_extra_info("peercert")["serialNumber"])

    async def scenario() -> None:
        async with open_front() as front, front.client("submissions") as before:
            renewed = authority.issue_cert("fax.example.com")
            renewed.private_key_pem.write_to_path(tmp_path / "key.pem")
            renewed.cert_chain_pems[0].write_to_path(tmp_path / "chain.pem")
            front.mail_front.reload_certificates()
            async with front.client("submissions") as after:
                assert serial(after) != serial(before)
            assert (await before.ask("NOOP"))[0].startswith("250")
            (tmp_path / "chain.pem").write_text("broken")
            front.mail_front.reload_certificates()
            async with front.client("submissions") as still:
                assert serial(still) == serial(after)

    asyncio.run(scenario())


def test_of_each_kind_of_listener_it_is_known_when_what_it_shows_ends(
    open_front: Any, authority: trustme.CA, tmp_path: Path
) -> None:
    """What is in use, not what the file holds by now; and no address, which may be no label of a metric."""

    async def scenario() -> None:
        async with open_front() as front:
            ends = front.mail_front.certificate_ends
            assert {"smtp", "submission", "submission_tls"} <= set(ends)
            assert not any(":" in kind or "." in kind for kind in ends)
            (tmp_path / "chain.pem").write_text("broken")
            front.mail_front.reload_certificates()
            assert front.mail_front.certificate_ends == ends
            soon = datetime.now(UTC) + timedelta(days=3)
            renewed = authority.issue_cert("fax.example.com", not_after=soon)
            renewed.private_key_pem.write_to_path(tmp_path / "key.pem")
            renewed.cert_chain_pems[0].write_to_path(tmp_path / "chain.pem")
            front.mail_front.reload_certificates()
            assert set(front.mail_front.certificate_ends.values()) == {soon.replace(microsecond=0)}

    asyncio.run(scenario())


@pytest.mark.parametrize(
    ("fault", "said"), [("mismatch", "key values mismatch"), ("ended", "ended on 2026-01-01 at 00:00 UTC")]
)
def test_a_pair_that_is_of_no_use_leaves_the_old_one_in_its_place(
    tmp_path: Path, authority: trustme.CA, fault: str, said: str
) -> None:
    """certbot, say, was broken off between its two files."""
    chain, key = tmp_path / "chain.pem", tmp_path / "key.pem"
    good = authority.issue_cert("fax.example.com")
    good.private_key_pem.write_to_path(key)
    good.cert_chain_pems[0].write_to_path(chain)
    certificate = Certificate(chain, key)
    before = certificate.context
    new = authority.issue_cert("fax.example.com", not_after=NOW if fault == "ended" else None)
    new.cert_chain_pems[0].write_to_path(chain)
    if fault == "ended":
        new.private_key_pem.write_to_path(key)
    with structlog.testing.capture_logs() as events:
        certificate.reload(NOW)
    assert certificate.context is before
    (event,) = events
    assert (event["event"], event["log_level"]) == ("certificate_not_reloaded", "error")
    assert said in event["error"]
    good.cert_chain_pems[0].write_to_path(chain)
    good.private_key_pem.write_to_path(key)
    certificate.reload(NOW)
    assert certificate.context is not before


def test_a_certificate_that_has_ended_is_named_at_the_start(
    open_front: Any, authority: trustme.CA, tmp_path: Path
) -> None:
    ended = authority.issue_cert("fax.example.com", not_after=NOW)
    ended.private_key_pem.write_to_path(tmp_path / "key.pem")
    ended.cert_chain_pems[0].write_to_path(tmp_path / "chain.pem")

    async def scenario() -> None:
        async with open_front():
            pass

    with structlog.testing.capture_logs() as events:
        asyncio.run(scenario())
    assert [event["since"] for event in events if event["event"] == "certificate_ended"] == [str(NOW)]


def test_old_tls_is_spoken_only_where_old_mfps_are_listened_to(tmp_path: Path, authority: trustme.CA) -> None:
    certificate = authority.issue_cert("fax.example.com")
    certificate.private_key_pem.write_to_path(tmp_path / "key.pem")
    certificate.cert_chain_pems[0].write_to_path(tmp_path / "chain.pem")
    usual = Certificate(tmp_path / "chain.pem", tmp_path / "key.pem").context
    strict = Certificate(tmp_path / "chain.pem", tmp_path / "key.pem", min_version="1.3").context
    legacy = Certificate(tmp_path / "chain.pem", tmp_path / "key.pem", legacy=True).context
    assert usual.minimum_version is ssl.TLSVersion.TLSv1_2
    assert strict.minimum_version is ssl.TLSVersion.TLSv1_3
    assert legacy.minimum_version is ssl.TLSVersion.MINIMUM_SUPPORTED


def test_a_certificate_that_can_not_be_used_names_its_files(tmp_path: Path) -> None:
    with pytest.raises(CertificateUnusable, match=r"chain\.pem with tls\.private_key .*key\.pem"):
        Certificate(tmp_path / "chain.pem", tmp_path / "key.pem")
