"""How the service is reached: proxy, certificates, timeouts (the keys of [retarus] of the same names)."""

import ssl
from dataclasses import dataclass, field
from datetime import timedelta
from pathlib import Path

from aiohttp import encode_basic_auth
from yarl import URL

from gateway.fax4a.errors import TransportFault


@dataclass(frozen=True, slots=True, kw_only=True)
class Transport:
    """Empty or None: not used. `concurrency`: requests at a time, of one client."""

    concurrency: int = 8
    proxy: str | None = None
    proxy_username: str | None = None
    proxy_password: str | None = field(default=None, repr=False)
    ca_file: Path | None = None  # instead of the system's authorities, as curl --cacert
    client_certificate: Path | None = None
    client_key: Path | None = None
    connect_timeout: timedelta = timedelta(seconds=20)  # name, TCP, CONNECT and TLS together
    progress_timeout: timedelta = timedelta(seconds=60)  # of each 256 KB of the upload
    response_timeout: timedelta = timedelta(seconds=120)  # until the answer begins, and between its parts
    total_timeout: timedelta = timedelta(minutes=15)  # from the first byte to the end of the answer

    def headers_for(self, url: str) -> dict[str, str]:
        """What a request through the proxy itself carries: only plain HTTP, TLS goes through a tunnel."""
        return {} if url.startswith("https:") else self._proxy_login()

    def tunnel_headers_for(self, url: str) -> dict[str, str] | None:
        """What the CONNECT before a request carries."""
        return (self._proxy_login() or None) if url.startswith("https:") else None

    def _proxy_login(self) -> dict[str, str]:
        if not self.proxy or not self.proxy_username:
            return {}
        return {"Proxy-Authorization": encode_basic_auth(self.proxy_username, self.proxy_password or "", "utf-8")}

    @property
    def proxy_url(self) -> URL | None:
        """Raises TransportFault."""
        if not self.proxy:
            return None
        try:
            url = URL(self.proxy)
        except ValueError:
            raise TransportFault("retarus.proxy is no URL") from None
        if url.scheme not in {"http", "https"} or not url.host:
            raise TransportFault("retarus.proxy must be http(s)://host:port")
        return url


def tls_context(transport: Transport) -> ssl.SSLContext:
    """Raises TransportFault, naming the file."""
    try:
        context = ssl.create_default_context(cafile=transport.ca_file or None)
    except OSError as error:  # ssl.SSLError is one
        raise TransportFault(f"retarus.ca_file: {transport.ca_file} can't be used: {error}") from error
    if transport.client_certificate:
        try:
            context.load_cert_chain(transport.client_certificate, transport.client_key or None, password=_no_password)
        except (OSError, ValueError) as error:
            files = f"{transport.client_certificate}, {transport.client_key}"
            raise TransportFault(f"retarus.client_certificate, client_key: {files} can't be used: {error}") from error
    return context


def _no_password() -> str:
    """Without it OpenSSL asks at the terminal for the password of an encrypted key."""
    return ""
