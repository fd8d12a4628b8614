"""A local part without its quotes: Quoted-string of RFC 5321 §4.1.2, with the UTF-8 of RFC 6531 §3.3."""

import re

from gateway.address.errors import AddressError, quoted

# qtextSMTP is %d32-33, %d35-91, %d93-126 and UTF8-non-ascii; a quoted-pair escapes any of %d32-126.
_QUOTED_STRING = re.compile(r'"(?:[ !#-\[\]-~\u0080-\U0010ffff]|\\[ -~])*"')
_QUOTED_PAIR = re.compile(r"\\(.)")


def unquote(local_part: str) -> str:
    r"""The value that a local part stands for: `"+49 \89"` and `+49 89` are both `+49 89`.

    A part without quotes is taken as it is, spaces included: some devices omit the quotes, and that hides nothing.
    """
    if '"' not in local_part:
        return local_part
    if not _QUOTED_STRING.fullmatch(local_part):
        message = f"{quoted(local_part)} is not a fax address: its quotation marks don't pair. Write the number alone."
        raise AddressError(message, rule="quotes")
    return _QUOTED_PAIR.sub(r"\1", local_part[1:-1])
