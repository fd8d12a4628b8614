"""How the faxes of one sender are made and reported: configuration and profile become the options of a job. Pure."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field, replace
from fnmatch import fnmatchcase
from ipaddress import IPv4Address, IPv4Network, IPv6Address, IPv6Network

from gateway.address import NumberRules
from gateway.config import Directive, Profile
from gateway.config.profile import written_keys
from gateway.intake.hearing import hears
from gateway.intake.overriding import number_policy, quotas, times
from gateway.mail import Mail, Mailbox
from gateway.policy import NumberPolicy
from gateway.policy.quotas import Quota
from gateway.policy.senders import UNCHECKED, SenderPolicy
from gateway.policy.times import ALWAYS, TimesPolicy
from gateway.spool.forward_path import ForwardPath, report_wish
from gateway.spool.job import JobOptions

NO_PROFILE = Profile(match="*")
Address = IPv4Address | IPv6Address | None


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
    forced: frozenset[Directive] = frozenset()  # of these the configuration alone says what holds
    quotas: tuple[Quota, ...] = ()
    times: TimesPolicy = ALWAYS
    senders: SenderPolicy = UNCHECKED
    aliases: Mapping[str, tuple[str, ...]] = field(default_factory=dict)  # by folded name; numbers in E.164
    profile: str | None = field(default=None, compare=False)  # its table in the configuration: profile.0
    profile_keys: frozenset[str] = field(default=frozenset(), compare=False)  # what that sets: numbers.allow

    def origin(self, key: str) -> str:
        """The key of the configuration that has the last word for this sender: profile.0.numbers.allow."""
        return f"{self.profile}.{key}" if key in self.profile_keys else key


@dataclass(frozen=True, slots=True)
class _Profile:
    """Whom a profile is for, and how they are treated."""

    pattern: str
    networks: tuple[IPv4Network | IPv6Network, ...]
    treatment: Treatment

    def fits(self, names: Sequence[str], address: Address) -> bool:
        if self.networks and (address is None or not any(address in network for network in self.networks)):
            return False
        return any(fnmatchcase(name, self.pattern) for name in names)


class Treatments:
    """The sections of the configuration, and over them the first profile that matches."""

    def __init__(self, usual: Treatment, profiles: Sequence[Profile] = ()) -> None:
        self.usual = usual
        self._profiles = [
            _Profile(each.match.casefold(), each.networks, _treatment(usual, each, f"profile.{number}"))
            for number, each in enumerate(profiles)
        ]
        self._without_profile = _treatment(usual, NO_PROFILE, None)

    def of(self, reverse_path: str, auth_user: str | None = None, address: Address = None) -> Treatment:
        """The treatment of a sender; the null reverse-path is matched as it is, empty. `address`: the client's."""
        # RFC 5321 §2.4: domains know no case; in practice local parts don't either.
        names = [name.casefold() for name in (auth_user, reverse_path) if name is not None]
        for profile in self._profiles:
            if profile.fits(names, address):
                return profile.treatment
        return self._without_profile


def _treatment(usual: Treatment, profile: Profile, name: str | None) -> Treatment:
    report, numbers = profile.report, profile.numbers
    read = usual.numbers
    strict = read.strict if numbers.strict is None else numbers.strict
    forced = usual.forced if profile.forced is None else frozenset(profile.forced)
    return replace(
        usual,
        options=_options(usual.options, profile, forced),
        report_to=report.to or usual.report_to,
        report_on=report.on or usual.report_on,
        dedupe=profile.dedupe,
        numbers=NumberRules(numbers.default_region or read.default_region, numbers.bare or read.bare, strict),
        policy=number_policy(usual.policy, numbers),
        most_recipients=profile.limits.recipients or usual.most_recipients,
        directives=usual.directives if profile.directives is None else frozenset(profile.directives),
        forced=forced,
        quotas=quotas(usual.quotas, profile.quotas),
        times=times(usual.times, profile.times, profile.timezone),
        profile=name,
        profile_keys=frozenset(written_keys(profile)) if name is not None else frozenset(),
    )


def _options(usual: JobOptions, profile: Profile, forced: Collection[Directive]) -> JobOptions:
    report, limits, company = profile.report, profile.limits, profile.company
    return replace(
        usual,
        cover=profile.cover or usual.cover,
        cover_when="always" if Directive.COVER in forced else usual.cover_when,
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
    named: tuple[Mailbox | None, ...]
    match report_to:
        case "sender":
            return reverse_path
        case "from":
            named = (mail.from_,)
        case "reply-to":
            named = (mail.reply_to, mail.from_)
        case _:
            return report_to
    return next((each.address for each in named if each is not None and hears(each.address)), reverse_path)


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
