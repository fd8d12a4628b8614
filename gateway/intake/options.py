"""How the faxes of one sender are made and reported: configuration and profile become the options of a job. Pure."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from fnmatch import fnmatchcase

from gateway.config import Profile
from gateway.mail import Mail
from gateway.spool.forward_path import ForwardPath, report_wish
from gateway.spool.job import JobOptions

NO_PROFILE = Profile(match="*")


@dataclass(frozen=True, slots=True)
class Treatment:
    """What holds for the mails of one sender; ``report_to`` is sender, from, reply-to or an address."""

    options: JobOptions
    report_to: str
    report_on: str  # always | failure | never
    dedupe: bool


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
    report = profile.report
    options = replace(
        usual.options,
        cover=profile.cover or usual.options.cover,
        language=profile.language or usual.options.language,
        timezone=profile.timezone,
        image=report.image or usual.options.image,
        image_format=report.image_format or usual.options.image_format,
        csid=profile.csid,
        billing_code=profile.billing_code,
        paper_format=profile.paper_format,
        resolution=profile.resolution,
        header=profile.header,
        express=profile.express,
        blacklist=profile.blacklist,
        overlay=profile.overlay.name if profile.overlay is not None else None,
        overlay_mode=profile.overlay.mode if profile.overlay is not None else usual.options.overlay_mode,
    )
    return Treatment(options, report.to or usual.report_to, report.on or usual.report_on, profile.dedupe)


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
    wish = report_wish(paths, treatment.report_on)
    return replace(
        treatment.options,
        success_address=address if wish.success and address else None,
        failure_address=address if wish.failure and address else None,
    )
