"""The stages of the demo's mail on the terminal: one line per log event of the daemon, as it happens."""

from typing import Any

from rich.console import Console
from rich.markup import escape

# What the daemon's events mean to somebody who sees them for the first time.
STAGES = {
    "accepted": ("accepted", "the mail is on disk, the client has its 250"),
    "prepared": ("prepared", "cover page and attachments are documents of the job"),
    "submitting": ("submitting", "the connection to the fax service stands"),
    "submitted": ("submitted", "the fax service has answered with its jobId"),
    "reported": ("reported", "the data centre has a report"),
}
DETAILS = {
    "accepted": ("job_id", "recipients", "bytes"),
    "prepared": ("documents",),
    "submitting": ("attempt", "documents"),
    "submitted": ("fax4a_job_id",),
    "reported": ("state", "pages", "statuses", "datacenter"),
}


class Stages:
    def __init__(self, console: Console) -> None:
        self._console = console

    def step(self, name: str, text: str) -> None:
        self._console.print(f"[bold green]✔[/] [bold]{name:<12}[/]{escape(text)}", soft_wrap=True, highlight=False)

    def event(self, event: dict[str, Any]) -> None:
        """Shows a log event of the daemon; those that tell nothing here are passed over, but not warnings."""
        name = str(event.get("event"))
        if name in STAGES:
            stage, text = STAGES[name]
            facts = ", ".join(f"{key} {_shown(event[key])}" for key in DETAILS[name] if key in event)
            self.step(stage, f"{text} ({facts})")
        elif event.get("level") in {"warning", "error", "critical"}:
            self._console.print(f"[bold yellow]![/] {escape(name)}: {escape(str(event))}", soft_wrap=True)


def _shown(value: object) -> str:
    return ", ".join(str(each) for each in value) if isinstance(value, list) else str(value)
