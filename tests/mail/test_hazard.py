"""Mails that are made to cost gigabytes or minutes: each is answered in seconds, within bounded memory.

The bounds are generous, for slow machines; each of these took minutes, gigabytes or an exception once.
"""

import base64
import json
import subprocess
import sys
import textwrap

import pytest

from gateway.mail.hazard import Hazard, hazard_of

MIXED = b"Content-Type: multipart/mixed; boundary=b\r\n\r\n"
MB = 1024 * 1024
BASE64 = base64.encodebytes(bytes(range(256)) * 4096).replace(b"\n", b"\r\n")

# An expression for each mail, since each is parsed in a process of its own: peaks of memory can't be told apart else.
HAZARDS = {
    "parts": 'MIXED + b"--b\\r\\n\\r\\nx\\r\\n" * 2_000_000',
    "nested multiparts": (
        'b"".join(b"Content-Type: multipart/mixed; boundary=b%d\\r\\n\\r\\n--b%d\\r\\n" % (n, n) for n in range(1000))'
    ),
    "the same boundary again and again": 'b"Content-Type: multipart/mixed; boundary=b\\r\\n\\r\\n--b\\r\\n" * 80_000',
    "nested mails": 'b"Content-Type: message/rfc822\\r\\n\\r\\n" * 200 + b"x" * 10_000_000',
    "one long field": 'b"X: " + b"a" * 10_000_000 + b"\\r\\n\\r\\nx"',
    "many fields": 'b"".join(b"X-%d: a\\r\\n" % n for n in range(800_000)) + b"\\r\\nx"',
    "many fields of a part": (
        'MIXED + b"--b\\r\\n" + b"".join(b"X-%d: a\\r\\n" % n for n in range(800_000)) + b"\\r\\nx"'
    ),
    "a long subject": 'b"Subject: " + b"=?utf-8?q?=FC?= =?x?b?/w==?= " * 9_000 + b"\\r\\n\\r\\nx"',
    "comments in comments": 'b"From: =?utf-8?q?a?= " + b"(" * 900_000 + b"<a@example.com>\\r\\n\\r\\nx"',
    "a long type": 'b"X y: z\\r\\nContent-Type: multipart/mixed" + b\';"\' * 400_000 + b"\\r\\n\\r\\nx"',
    "broken base64": (
        'MIXED + (b"--b\\r\\nContent-Transfer-Encoding: base64\\r\\nContent-Type: a/b\\r\\n\\r\\n"'
        ' + b"AAAA*" * 4000 + b"\\r\\n") * 900 + b"--b--"'
    ),
    "names beyond ASCII": (
        'MIXED + ("--b\\r\\nContent-Type: a/b; name=ü\\r\\n\\r\\n".encode() + b"A\\n" * 10_000) * 900 + b"--b--"'
    ),
    "uuencode": 'b"\\r\\n" + b"begin 644 a\\r\\n" * 800_000',
    "armour": 'b"\\r\\n" + b"-----BEGIN PGP SIGNED MESSAGE-----\\r\\n\\r\\n" * 20_000',
    "flowed lines": 'b"Content-Type: text/plain; format=flowed\\r\\n\\r\\n" + b"a \\r\\n" * 400_000',
    "attendees": (
        'b"Content-Type: text/calendar\\r\\n\\r\\nBEGIN:VEVENT\\r\\n" + b"ATTENDEE:a\\r\\n" * 800_000'
        ' + b"END:VEVENT\\r\\n"'
    ),
    "pieces in pieces": (
        'b"Content-Type: application/pkcs7-mime\\r\\nContent-Transfer-Encoding: binary\\r\\n\\r\\n"'
        ' + bytes.fromhex("308006092a864886f70d010702a0803080020101310030800601002480a080") + b"\\x24\\x80" * 4_000_000'
    ),
}
CHILD = textwrap.dedent("""
    import json, resource, time
    from gateway.mail import MailLimits, parse_mail
    MIXED = b"Content-Type: multipart/mixed; boundary=b\\r\\n\\r\\n"
    raw = {expression}
    before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    started = time.process_time()
    mail = parse_mail(raw, MailLimits())
    size = sum(len(part.content) for part in mail.attachments)
    took = time.process_time() - started
    grown = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before
    print(json.dumps([took, grown // 1024, size, len(raw)]))
""")


@pytest.mark.once
@pytest.mark.parametrize("name", HAZARDS)
def test_a_hostile_mail_costs_seconds_and_megabytes(name: str) -> None:
    child = [sys.executable, "-c", CHILD.format(expression=HAZARDS[name])]
    done = subprocess.run(child, capture_output=True, text=True, timeout=60, check=True)
    seconds, megabytes, size, length = json.loads(done.stdout)
    assert seconds < 5
    assert megabytes < 300
    assert size <= length


@pytest.mark.parametrize(
    ("raw", "hazard"),
    [
        (b"Subject: x\r\n\r\n" + BASE64, None),
        (b"Subject: x\r\n\r\n" + BASE64 * 20, None),
        (MIXED + (b"--b\r\n\r\n" + BASE64[: MB // 500]) * 1000, None),
        (b"\r\n" + b"-- a comment in a script: x\r\n" * 200_000, None),  # hyphens, but of no boundary
        (b"\r\n" + b"no field at all\r\n" * 200_000, None),
        (MIXED + (b"--b\r\nContent-Type: message/rfc822\r\n\r\n" + BASE64[:1000]) * 12 + BASE64, None),
        (b"X: " + b"a" * MB, Hazard.LONG_HEADER),
        (MIXED + b"--b\r\n" + b"X: a\r\n" * 400_000, Hazard.LONG_HEADER),
        (MIXED + (b"--b\r\n" + b"X: a\r\n" * 1000 + b"\r\n") * 500, Hazard.LONG_HEADER),
        (MIXED + b"--b\r\n\r\n" * 200_000, Hazard.TOO_MANY_PARTS),
        (b"Content-Type: message/rfc822\r\n\r\n" * 200 + BASE64 * 3, Hazard.COPIED_TOO_OFTEN),
        (b"Content-Type: message/rfc822\r\n\r\n" * 200 + b"-" * 3 * MB, Hazard.COPIED_TOO_OFTEN),
    ],
    ids=range(12),
)
def test_a_hazard_is_told_from_a_large_mail(raw: bytes, hazard: Hazard | None) -> None:
    assert hazard_of(raw) is hazard
