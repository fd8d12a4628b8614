"""Settings become the values that each part is built from. Pure: nothing is opened here."""

import time
from dataclasses import replace
from pathlib import Path
from typing import assert_never

from gateway.address import NumberRules
from gateway.config import Settings
from gateway.delivery.deadlines import DeadlineRules
from gateway.delivery.doubt import DoubtRules, OnDoubt
from gateway.delivery.submitter import SubmitRules
from gateway.documents.converter import Start
from gateway.documents.converter.children import start_child
from gateway.documents.converter.remote import ConvertService
from gateway.documents.cover import Covers
from gateway.fax4a import Account, Fax4AClient, Transport, account_for
from gateway.fax4a.model import AuthMethod
from gateway.intake.acceptance import IntakeRules
from gateway.intake.options import Treatment, Treatments
from gateway.intake.overriding import quotas_of
from gateway.intake.recipients import RecipientRules
from gateway.notify.smarthost import Smarthost
from gateway.policy import NumberPolicy
from gateway.policy.senders import SenderPolicy
from gateway.policy.times import TimesPolicy
from gateway.spool.attempts import RecordedAccount
from gateway.spool.content import ContentStore, content_of
from gateway.spool.housekeeping import RetentionRules
from gateway.spool.job import JobOptions
from gateway.spool.place import Place
from gateway.tracking.push.login import BasicLogin, DigestLogin, Login, NoLogin
from gateway.tracking.push.server import PushRules
from gateway.tracking.push.target import PushTarget
from gateway.tracking.push.tokens import PushTokens

DEFAULT_REGION = "de"


def account(settings: Settings) -> Account:
    retarus = settings.retarus
    return account_for(
        region=retarus.region or (None if retarus.ha_url else DEFAULT_REGION),
        ha_url=retarus.ha_url,
        datacenter_urls=retarus.datacenter_urls,
        customer_number=retarus.customer_number,
        username=retarus.username,
        password=retarus.password.get_secret_value(),
    )


def client(settings: Settings) -> Fax4AClient:
    return Fax4AClient(account(settings), _transport(settings))


def client_at(settings: Settings, recorded: RecordedAccount) -> Fax4AClient:
    """For jobs that were sent with the same login to other URLs."""
    there = replace(account(settings), send_url=recorded.send_url, datacenters=recorded.datacenters)
    return Fax4AClient(there, _transport(settings))


def _transport(settings: Settings) -> Transport:
    retarus = settings.retarus
    return Transport(
        proxy=retarus.proxy,
        proxy_username=retarus.proxy_username,
        proxy_password=retarus.proxy_password.get_secret_value(),
        ca_file=retarus.ca_file,
        client_certificate=retarus.client_certificate,
        client_key=retarus.client_key,
        concurrency=retarus.concurrency,
    )


def recipient_rules(settings: Settings) -> RecipientRules:
    return RecipientRules(domains=settings.smtp.domains, relay_networks=settings.smtp.relay_networks)


def intake_rules(settings: Settings) -> IntakeRules:
    return IntakeRules(
        recipients=recipient_rules(settings),
        postmaster=settings.notify.postmaster,
        parallel_parses=settings.smtp.parallel_parses,
        verdict_seconds=settings.smtp.verdict_seconds,
    )


def treatments(settings: Settings) -> Treatments:
    report, numbers, limits = settings.report, settings.numbers, settings.limits
    options = JobOptions(
        cover=settings.cover.template,
        cover_when=settings.cover.when,
        cover_as=settings.cover.send_as,
        drop_body=settings.cover.drop_body,
        show_left_out=settings.cover.show_left_out,
        archives=settings.documents.archives,
        drop_blank_pages=settings.documents.drop_blank_pages,
        most_pages=limits.pages,
        most_documents=limits.documents,
        deepest=limits.depth,
        report_by=report.by,
        language=report.language,
        image=report.image,
        image_format=report.image_format,
    )
    usual = Treatment(
        options=options,
        report_to=report.to,
        report_on=report.on,
        dedupe=True,
        numbers=NumberRules(numbers.default_region, numbers.bare, numbers.strict),
        policy=number_policy(settings),
        most_recipients=limits.recipients,
        directives=frozenset(settings.directives.allow),
        directives_in_subject=settings.directives.in_subject,
        forced=frozenset(settings.directives.forced),
        quotas=tuple(quota for quota in quotas_of(settings.quotas) if quota.most),
        times=TimesPolicy(settings.times.allow, settings.times.outside, settings.times.timezone),
        senders=SenderPolicy(settings.smtp.sender_check, settings.smtp.authserv_ids),
        aliases=settings.aliases,
    )
    return Treatments(usual, settings.profile)


def number_policy(settings: Settings) -> NumberPolicy:
    numbers = settings.numbers
    return NumberPolicy(
        allow=numbers.allow,
        deny=numbers.deny,
        allow_countries=frozenset(numbers.allow_countries),
        deny_countries=frozenset(numbers.deny_countries),
        allow_types=frozenset(numbers.allow_types),
        deny_types=frozenset(numbers.deny_types),
        listed=numbers.deny_file.numbers if numbers.deny_file is not None else frozenset(),
    )


def covers(settings: Settings) -> Covers:
    return Covers([settings.cover.directory] if settings.cover.directory is not None else [])


def content_store(settings: Settings, spool: Place) -> ContentStore:
    return content_of(spool, settings.database.content, settings.database.content_dir)


def converter_start(settings: Settings) -> Start:
    where = settings.documents.converter
    return ConvertService(where).start if isinstance(where, Path) else start_child


def submit_rules(settings: Settings) -> SubmitRules:
    return SubmitRules(
        concurrency=settings.retarus.concurrency,
        valid_for=settings.retarus.valid_for,
        paused=settings.delivery.paused,
        doubt=doubt_rules(settings),
    )


def doubt_rules(settings: Settings) -> DoubtRules:
    retarus = settings.retarus
    return DoubtRules(
        on_doubt=OnDoubt.ASK if retarus.duplicates_refused else OnDoubt(retarus.on_doubt),
        in_doubt_after=retarus.in_doubt_after,
        expire_after=settings.delivery.expire_after,
    )


def deadline_rules(settings: Settings) -> DeadlineRules:
    return DeadlineRules(
        warn_after=settings.delivery.warn_after,
        expire_after=settings.delivery.expire_after,
        doubt=doubt_rules(settings),
    )


def push_rules(settings: Settings) -> PushRules | None:
    push = settings.push
    if push.listen is None:
        return None
    return PushRules(
        address=push.listen,
        largest_body=push.max_body_bytes,
        requests_per_second=push.requests_per_second,
        trusted_proxies=push.trusted_proxies,
    )


def push_login(settings: Settings, key: bytes) -> Login:
    push = settings.push
    match push.auth:
        case "none":
            return NoLogin()
        case "basic":
            return BasicLogin(push.username, push.password.get_secret_value())
        case "digest":
            return DigestLogin(push.username, push.password.get_secret_value(), key, time.time)
        case _:
            assert_never(push.auth)


def push_target(settings: Settings, tokens: PushTokens) -> PushTarget:
    push = settings.push
    methods = {"none": AuthMethod.NONE, "basic": AuthMethod.HTTP_BASIC, "digest": AuthMethod.HTTP_DIGEST}
    return PushTarget(
        public_url=push.public_url,
        tokens=tokens,
        method=methods[push.auth],
        username=push.username,
        password=push.password,
    )


def retention_rules(settings: Settings) -> RetentionRules:
    return RetentionRules(settings.retention.content, settings.retention.rows, settings.retention.audit)


def smarthost(settings: Settings) -> Smarthost:
    notify = settings.notify
    return Smarthost(
        host=notify.smarthost.host,
        port=notify.smarthost.port,
        tls=notify.smarthost_tls,
        username=notify.smarthost_username,
        password=notify.smarthost_password.get_secret_value(),
    )
