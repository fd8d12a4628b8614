"""What must stand in no line of a log: every command that a test starts is held against it (``Process``).

So the whole suite is the test of docs/operations.md, "What the log doesn't say", at level debug.
"""

import re
from base64 import b64encode
from collections.abc import Iterable, Iterator

# What shows a kind of content or secret wherever it comes from.
NEVER = {
    "a document": rb"%PDF-\d|JVBERi0|\bSUkqA",  # plain, and as base64 begins PDF and TIFF
    "a text of a mail": rb"Guten Tag|Content-Transfer-Encoding|MIME-Version",
    "a hash of a password": rb"\$argon2",
    "a login": rb"\b(?:Basic|Bearer) [\w+/=.-]{8,}|AUTH (?:PLAIN|LOGIN) \S",
    "a login in a URL": rb"://[^\s/@:\"]+:[^\s/@\"]+@",
    "a push token": rb"/push/(?!\(not shown\))[\w.~-]{8,}",
    "a cookie": rb"__Host-fax-gateway",
    "a private key": rb"-----BEGIN",
    "a password of the tests": rb"correct horse|what a secret|hunter2|Geheim-4711",
}
# What [log] mask shortens: numbers and people as the tests make them up.
MASKED = {
    "a number": rb"\+4989\d{4,}|\b0{1,2}(?:49|)89\d{4,}",
    "an address": rb"\b(?:jana|jana\.beispiel|postmaster)@",
}


def leaks_in(line: bytes, *, masked: bool) -> Iterator[str]:
    """What `line` of a log says and must not; `masked`: with ``[log] mask``."""
    text = re.sub(rb'"message_id": "(?:[^"\\]|\\.)*"', b"", line)  # a Message-ID is whole
    for name, pattern in (NEVER | (MASKED if masked else {})).items():
        if re.search(pattern, text):
            yield f"{name}: {line.decode(errors='replace').strip()}"


def traces_of(secret: str, lines: Iterable[bytes]) -> list[str]:
    """The lines that hold `secret`, plain or as base64 of any text around it."""
    plain = secret.encode()
    # Three bytes are four letters: by where it begins its letters differ, those at its ends with what is around it.
    encoded = [b64encode(b"\0" * shift + plain)[(0, 2, 3)[shift] :].rstrip(b"=")[:-1] for shift in range(3)]
    return [line.decode() for line in lines if any(form in line for form in (plain, *encoded))]
