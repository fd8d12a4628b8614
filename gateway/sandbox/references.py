"""Documents by reference: fetched as the vendor would, but only from hosts that the settings name."""

from collections.abc import Sequence

import aiohttp
from yarl import URL

LARGEST = 100 * 1024 * 1024  # bytes
PIECE = 256 * 1024  # bytes
TIMEOUT = aiohttp.ClientTimeout(total=10)


class NotFetched(Exception):
    """The document can't be had; the fax fails as MISSING_FAX_FILE."""


async def fetch(url: str, allowed: Sequence[str]) -> bytes:
    """The content at `url`; follows no redirect, which could leave the allowed hosts. Raises NotFetched."""
    target = _allowed(url, allowed)
    try:
        async with (
            aiohttp.ClientSession(timeout=TIMEOUT) as session,
            session.get(target, allow_redirects=False) as answer,
        ):
            if answer.status != 200:  # noqa: PLR2004 - RFC 9110 §15.3.1
                raise NotFetched(f"{target.host} answered {answer.status}")
            content = bytearray()
            async for piece in answer.content.iter_chunked(PIECE):
                content += piece
                if len(content) > LARGEST:
                    raise NotFetched(f"the document at {target.host} is too large")
    except (aiohttp.ClientError, OSError, TimeoutError) as error:
        raise NotFetched(f"{target.host} can't be reached") from error
    return bytes(content)


def _allowed(url: str, allowed: Sequence[str]) -> URL:
    """The URL as aiohttp will read it, so that nobody else's reading of it decides; raises NotFetched."""
    try:
        target = URL(url)
    except ValueError as error:
        raise NotFetched("the reference is no URL") from error
    host = (target.host or "").lower()
    written = f"[{host}]" if ":" in host else host
    if not {host, written, f"{written}:{target.port}"} & {each.lower() for each in allowed}:
        raise NotFetched(f"{written}:{target.port} is none of the hosts in reference_hosts")
    return target
