"""How the faxes of one sender are made and reported: configuration and profile become the options of a job. Pure."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from fnmatch import fnmatchcase

from gateway.address import NumberRules
from gateway.config import Directive, Profile
from gateway.mail import Mail
from gateway.policy import NumberPolicy
from gateway.spool.forward_path import ForwardPath, report_wish
from gateway.spool.job import JobOptions

NO_PROFILE = Profile(match="*")


@dataclass(frozen=True, slots=True, kw_only=True)
class Treatment:
    """What holds for the mails of one sender; ``report_to`` is sender, from, reply-to or an address."""

    options: JobOptions
    report_to: str
    report_on: str  # always | failure | never
    dedupe: bool
    numbers: NumberRules
    policy: NumberPolicy
    most_recipients: int  # of one mail
    directives: frozenset[Directive]  # what a mail may ask for itself
    directives_in_subject: bool


class Treatments:
    """The sections of the configuration, and over them the first profile that matches."""

    def __init__(self, usual: Treatment, profiles: Sequence[Profile] = ()) -> None:
        self.usual = usual
        self._treatments = [(each.match.casefold(), _treatment(usual, each)) for each in profiles]
        self._without_profile = _treatment(usual, NO_PROFILE)

    def of(self, reverse_path: str, auth_user: str | None = None) -> Treatment:
        """The treatment of a sender; the null reverse-path is matched as it is, empty."""
        # RFC 5321 §2.4: domains know no case; in practice local parts don't either.
        names = [name.casefold() for name in (auth_user, reverse_path) if name is not None]
        for pattern, treatment in self._treatments:
            if any(fnmatchcase(name, pattern) for name in names):
                return treatment
        return self._without_profile


def _treatment(usual: Treatment, profile: Profile) -> Treatment:
    report, numbers = profile.report, profile.numbers
    read, policy = usual.numbers, usual.policy
    strict = read.strict if numbers.strict is None else numbers.strict
    return Treatment(
        options=_options(usual.options, profile),
        report_to=report.to or usual.report_to,
        report_on=report.on or usual.report_on,
        dedupe=profile.dedupe,
        numbers=NumberRules(numbers.default_region or read.default_region, numbers.bare or read.bare, strict),
        policy=NumberPolicy(
            policy.allow if numbers.allow is None else numbers.allow,
            policy.deny if numbers.deny is None else numbers.deny,
        ),
        most_recipients=profile.limits.recipients or usual.most_recipients,
        directives=usual.directives if profile.directives is None else frozenset(profile.directives),
        directives_in_subject=usual.directives_in_subject,
    )


def _options(usual: JobOptions, profile: Profile) -> JobOptions:
    report, limits, company = profile.report, profile.limits, profile.company
    return replace(
        usual,
        cover=profile.cover or usual.cover,
        company_name=company.name,
        company_phone=company.phone,
        company_fax=company.fax,
        company_address=company.address,
        most_pages=limits.pages or usual.most_pages,
        most_documents=limits.documents or usual.most_documents,
        deepest=limits.depth or usual.deepest,
        language=profile.language or usual.language,
        timezone=profile.timezone,
        report_by=report.by or usual.report_by,
        image=report.image or usual.image,
        image_format=report.image_format or usual.image_format,
        csid=profile.csid,
        billing_code=profile.billing_code,
        paper_format=profile.paper_format,
        resolution=profile.resolution,
        header=profile.header,
        express=profile.express,
        blacklist=profile.blacklist,
        overlay=profile.overlay.name if profile.overlay is not None else None,
        overlay_mode=profile.overlay.mode if profile.overlay is not None else usual.overlay_mode,
    )


def report_address(report_to: str, reverse_path: str, mail: Mail) -> str:
    """Whom every word about a mail goes to; empty where there is nobody (a null reverse-path)."""
    match report_to:
        case "sender":
            return reverse_path
        case "from":
            return mail.from_.address if mail.from_ is not None else reverse_path
        case "reply-to":
            first = mail.reply_to or mail.from_
            return first.address if first is not None else reverse_path
        case _:
            return report_to


def with_report_mail(treatment: Treatment, address: str, paths: Sequence[ForwardPath]) -> JobOptions:
    """The options with ReportMail's addresses; `paths` are those that named one number, and NOTIFY beats the rest."""
    if treatment.options.report_by == "gateway":
        return replace(treatment.options, report_on=treatment.report_on)
    wish = report_wish(paths, treatment.report_on)
    return replace(
        treatment.options,
        report_on=treatment.report_on,
        success_address=address if wish.success and address else None,
        failure_address=address if wish.failure and address else None,
    )
