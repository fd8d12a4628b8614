"""TLS of the mail front (RFC 3207, RFC 8314): a certificate that can be renewed while sessions go on."""

import ssl
from datetime import UTC, datetime
from pathlib import Path
from typing import Literal

import structlog

log = structlog.get_logger()

VERSIONS = {"1.2": ssl.TLSVersion.TLSv1_2, "1.3": ssl.TLSVersion.TLSv1_3}


class CertificateUnusable(Exception):
    """The certificate or its key can't be loaded, or has ended; the text names the file and the reason."""


class Certificate:
    """``context`` is for the next handshake; sessions that stand keep theirs. Raises CertificateUnusable.

    `legacy` is for old MFPs: TLS 1.0 and ciphers that nobody else should use, on a listener of its own.
    """

    def __init__(
        self, chain: Path, private_key: Path, *, min_version: Literal["1.2", "1.3"] = "1.2", legacy: bool = False
    ) -> None:
        self._chain = chain
        self._private_key = private_key
        self._min_version = min_version
        self.legacy = legacy
        self.context = self._load()
        self.ends = certificate_end(chain)  # of what is in use, whatever stands in the file by now

    def reload(self, now: datetime) -> None:
        """From the same files; what can't be loaded, or has ended, leaves the old one in its place."""
        try:
            context = self._load()
            self._refuse_ended(now)
        except CertificateUnusable as error:
            log.error("certificate_not_reloaded", error=str(error), hint="the one from before is still in use")  # noqa: TRY400 - the file's fault
        else:
            self.context, self.ends = context, certificate_end(self._chain)
            log.info("certificate_reloaded", certificate=str(self._chain))

    def _refuse_ended(self, now: datetime) -> None:
        ends = certificate_end(self._chain)
        if ends is not None and ends <= now:
            raise CertificateUnusable(f"tls.certificate {self._chain} ended on {ends:%Y-%m-%d at %H:%M} UTC")

    def _load(self) -> ssl.SSLContext:
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        if self.legacy:
            context.minimum_version = ssl.TLSVersion.MINIMUM_SUPPORTED
            context.set_ciphers("DEFAULT:@SECLEVEL=0")
        else:
            context.minimum_version = VERSIONS[self._min_version]
        context.options |= ssl.OP_NO_RENEGOTIATION
        try:
            context.load_cert_chain(self._chain, self._private_key)
        except (OSError, ssl.SSLError) as error:
            raise CertificateUnusable(
                f"tls.certificate {self._chain} with tls.private_key {self._private_key}: {error}"
            ) from error
        return context


def certificate_end(chain: Path) -> datetime | None:
    """When the first certificate of a PEM file ends; None where that can't be read."""
    try:
        # The standard library shows a leaf certificate's fields only this way; nothing is verified by it.
        fields = ssl._ssl._test_decode_cert(str(chain))  # type: ignore[attr-defined] # noqa: SLF001
    except OSError:  # an SSLError is one
        return None
    return datetime.fromtimestamp(ssl.cert_time_to_seconds(fields["notAfter"]), UTC)
