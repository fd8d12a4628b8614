"""What policy says of a mail that has arrived: is it its sender's, may it go out at that hour? Pure.

The quotas come last, in the transaction that takes the mail (gateway/spool/quota_use.py).
"""

from dataclasses import replace
from datetime import datetime

from gateway.intake.directives import Heeded
from gateway.intake.envelope import Envelope
from gateway.intake.reply import Reply
from gateway.mail import Mail
from gateway.mail.authentication import results_of
from gateway.policy import Denied
from gateway.policy.senders import Said, SenderFacts, SenderPolicy, judge_sender
from gateway.policy.times import Deferred, judge_time, shown_moment


def within_policy(mail: Mail, envelope: Envelope, heeded: Heeded, now: datetime, *, by_relay: bool) -> Heeded | Reply:
    """The same, deferred where the hours say so; or the refusal. `by_relay`: the client is a relay of ours."""
    treatment = heeded.treatment
    denied = judge_sender(sender_facts(mail, envelope, treatment.senders, by_relay=by_relay), treatment.senders)
    if denied is not None:
        return reply_of(denied)
    judged = judge_time(envelope.release_at or heeded.send_at or now, treatment.times)
    match judged:
        case None:
            return heeded
        case Denied():
            return reply_of(judged)
        case Deferred(until):
            ends = envelope.ends_by or heeded.expires_at
            if ends is not None and ends <= until:
                opens = shown_moment(until, treatment.times.timezone)
                text = f"the fax is to be sent by then, and may go out from {opens} on (times.allow)"
                return Reply.of(550, "5.7.1", text)
            return replace(heeded, deferred_to=until)


def sender_facts(mail: Mail, envelope: Envelope, policy: SenderPolicy, *, by_relay: bool) -> SenderFacts:
    """What is compared. A client that has logged in is no relay: what its mail says of itself proves nothing."""
    said = None
    if policy.check != "off" and by_relay and envelope.client.auth_user is None:
        said = _said(mail, policy)
    return SenderFacts(
        author=mail.from_.address if mail.from_ is not None else None,
        reverse_path=envelope.reverse_path,
        auth_user=envelope.client.auth_user,
        said=said,
    )


def _said(mail: Mail, policy: SenderPolicy) -> tuple[Said, ...] | None:
    """RFC 8601 §4.1: of the fields with an authserv-id that we believe the topmost, which the relay itself has put on.

    Below one that can't be read none is believed: it may have been the relay's.
    """
    believed = {each.casefold() for each in policy.authserv_ids}
    for field in mail.header("Authentication-Results"):
        found = results_of(field)
        if found is None:
            return None
        if found.authserv_id.casefold() in believed:
            return tuple(Said(each.method, each.result, each.properties) for each in found.results)
    return None


def reply_of(denied: Denied) -> Reply:
    return Reply.of(denied.code, denied.enhanced_code, denied.sentence)
