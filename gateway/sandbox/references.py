"""Documents by reference: fetched as the vendor would, but only from hosts that the settings name."""

from collections.abc import Sequence
from urllib.parse import urlsplit

import aiohttp

LARGEST = 100 * 1024 * 1024  # bytes
TIMEOUT = aiohttp.ClientTimeout(total=10)


class NotFetched(Exception):
    """The document can't be had; the fax fails as MISSING_FAX_FILE."""


async def fetch(url: str, allowed: Sequence[str]) -> bytes:
    """The content at `url`; follows no redirect, which could leave the allowed hosts. Raises NotFetched."""
    parts = urlsplit(url)
    if parts.hostname not in allowed and parts.netloc not in allowed:
        raise NotFetched(f"{parts.netloc} is none of the hosts in reference_hosts")
    try:
        async with aiohttp.ClientSession(timeout=TIMEOUT) as session, session.get(url, allow_redirects=False) as answer:
            if answer.status != 200:  # noqa: PLR2004 - RFC 9110 §15.3.1
                raise NotFetched(f"{parts.netloc} answered {answer.status}")
            content = await answer.content.read(LARGEST + 1)
    except (aiohttp.ClientError, OSError, TimeoutError) as error:
        raise NotFetched(f"{parts.netloc} can't be reached") from error
    if len(content) > LARGEST:
        raise NotFetched(f"the document at {parts.netloc} is too large")
    return content
