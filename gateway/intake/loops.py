"""Mail that must not become a fax: a fax of an automatic answer would be answered again, without end. Pure.

Nobody wrote such a mail, and who sent it hears of the refusal: it is never dropped in silence.
"""

import re

from gateway.intake.reply import Reply
from gateway.mail import Mail

# In every mail that we send ourselves; what carries it came back to us.
LOOP_HEADER = "X-Fax-Gateway"
# RFC 5321 §6.3: a server counts Received lines, and 100 of them are a loop.
MOST_HOPS = 100


def refused_as_loop(mail: Mail) -> Reply | None:
    """The refusal, or None where a person, a program or a machine wants a fax: `auto-generated` does (RFC 3834 §5)."""
    if len(mail.header("Received")) > MOST_HOPS:
        return Reply.of(554, "5.4.6", f"the mail has been through more than {MOST_HOPS} hops: it goes round in a loop")
    answer = next((value for value in mail.header("Auto-Submitted") if _keyword(value) == "auto-replied"), None)
    if answer is not None:
        return _refusal("an automatic answer (Auto-Submitted: auto-replied)")
    if any(_keyword(value) == "multipart/report" for value in mail.header("Content-Type")):
        return _refusal("a report (multipart/report)")
    if mail.header("List-Id"):
        return _refusal("a mail of a mailing list (List-Id)")
    if mail.header(LOOP_HEADER):
        return _refusal("a mail that this gateway has sent")
    return None


def _keyword(value: str) -> str:
    """The first word of a header: parameters and comments may follow (RFC 3834 §5, RFC 2045 §5.1)."""
    return re.split(r"[;(\s]", value.strip(), maxsplit=1)[0].casefold()


def _refusal(what: str) -> Reply:
    return Reply.of(550, "5.7.1", f"{what} is not faxed; forward it as a mail of your own if it is to be")
