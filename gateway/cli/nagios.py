"""``fax-gateway check --format nagios``: what Icinga, Nagios and their like read.

Monitoring Plugins Development Guidelines, https://www.monitoring-plugins.org/doc/guidelines.html: one line of text on
standard output, performance data behind a bar, and the verdict as exit status.
"""

import time
from collections.abc import Callable, Sequence
from enum import IntEnum

import typer

from gateway.daemon.checks import Finding, Level

NAME = "FAX-GATEWAY"


class Status(IntEnum):
    """Exit statuses of a plugin."""

    OK = 0
    WARNING = 1
    CRITICAL = 2
    UNKNOWN = 3  # the plugin could not look


DOWN = Finding("daemon", Level.FAULT, "none answers commands: no mail is taken here")


def report(look: Callable[[], Sequence[Finding]], is_running: Callable[[], bool]) -> Status:
    """Looks, and prints the line; whoever watches wants to know, too, whether a daemon runs."""
    began = time.monotonic()
    try:
        found = look()
    except typer.Exit as ended:  # the configuration can't be read
        typer.echo(_line(Status.UNKNOWN, str(ended.__cause__ or "the configuration can't be read")))
        return Status.UNKNOWN
    except Exception as error:  # noqa: BLE001 - whoever watches must hear of it in this form
        typer.echo(_line(Status.UNKNOWN, f"{type(error).__name__}: {error}"))
        return Status.UNKNOWN
    status, line = verdict(found if is_running() else [DOWN, *found], time.monotonic() - began)
    typer.echo(line)
    return status


def verdict(findings: Sequence[Finding], seconds: float) -> tuple[Status, str]:
    """Faults are critical; they stand first, as the line may be cut."""
    faults = [finding for finding in findings if finding.level is Level.FAULT]
    warnings = [finding for finding in findings if finding.level is Level.WARNING]
    status = Status.CRITICAL if faults else Status.WARNING if warnings else Status.OK
    said = [f"{finding.subject}: {finding.sentence}" for finding in (*faults, *warnings)]
    text = "; ".join(said) or f"{len(findings)} looked at, nothing is wrong"
    # 'label'=value[unit];[warning];[critical];[minimum]: a threshold of 0 is crossed by the first one.
    data = f"faults={len(faults)};;0;0 warnings={len(warnings)};0;;0 time={seconds:.3f}s;;;0"
    return status, f"{_line(status, text)} | {data}"


def _line(status: Status, text: str) -> str:
    """The bar is the guidelines' own, and what is behind a line's end is another thing to them."""
    return f"{NAME} {status.name} - {' '.join(text.replace('|', '/').split())}"
