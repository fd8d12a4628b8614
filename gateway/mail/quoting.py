"""What of a text its sender wrote for this mail: quotes, signatures and disclaimers are not that. Pure.

It only decides whether a text is worth a page; what is printed is printed whole. A forwarded text counts as the
sender's own: it is what he wanted to pass on. A quote is one only in an answer (RFC 5322 §3.6.4: In-Reply-To).

The rules are ours, and each looks at a line once: mail-parser-reply takes 14 s for 5 KB of "> Am ... schrieb".
"""

import re

from gateway.mail.model import Mail

LONGEST = 20_000  # characters that are looked at: whoever writes more has something to say

_SIGNATURE = re.compile(r"^-- ?$", re.MULTILINE)  # RFC 3676 §4.3; many programs lose the space
_QUOTED = re.compile(r"^>.*$", re.MULTILINE)
# Where an answer begins to quote as a whole: a line in front of lines with >, or what Outlook puts in front of its own.
_ATTRIBUTION = re.compile(r"^(?:Am|On|Le) [^\n]{5,300}:[ \t]*$", re.MULTILINE)
_OUTLOOK = re.compile(
    r"^(?:-{3,}[ ]?(?:original message|urspr[üu]ngliche nachricht)[ ]?-{3,}"
    r"|\*?(?:from|von):\*? [^\n]{1,300}\n\*?(?:sent|gesendet|date|datum):\*? )",
    re.IGNORECASE | re.MULTILINE,
)
_FROM_A_DEVICE = re.compile(
    r"^(?:sent from (?:my|mail for)|sent with|get outlook for|von meine[mr] .{2,60} gesendet|gesendet (?:von|mit) "
    r"|diese nachricht wurde von meinem|holen sie sich outlook|outlook für (?:ios|android))\b.*$",
    re.IGNORECASE | re.MULTILINE,
)
_PARAGRAPHS = re.compile(r"\n\s*\n")
_CONFIDENTIAL = re.compile(r"confidential|privileged|vertraulich", re.IGNORECASE)
_ADDRESSEE = re.compile(r"recipient|addressee|intended|empf[äa]nger|adressat", re.IGNORECASE)
_MAIL = re.compile(r"e-?mail|message|nachricht", re.IGNORECASE)


def own_words(text: str, *, is_answer: bool) -> str:
    """What is left of `text`; empty where nothing was written."""
    if len(text) > LONGEST:
        return text
    before_signature = _SIGNATURE.split(text.replace("\r\n", "\n"), maxsplit=1)[0]
    written = _FROM_A_DEVICE.sub("", before_signature)
    if is_answer:
        written = _without_quotes(written)
    kept = [each for each in _PARAGRAPHS.split(written) if not _is_disclaimer(each)]
    return "\n\n".join(kept).strip()


def is_answer(mail: Mail) -> bool:
    return bool(mail.header("In-Reply-To") or mail.header("References"))


def _without_quotes(text: str) -> str:
    newest = _OUTLOOK.split(text, maxsplit=1)[0]
    lines = _QUOTED.sub("", newest)
    # What stands behind an attribution without > is an answer that was written below.
    return _ATTRIBUTION.sub("", lines)


def _is_disclaimer(paragraph: str) -> bool:
    return all(pattern.search(paragraph) for pattern in (_CONFIDENTIAL, _ADDRESSEE, _MAIL))
