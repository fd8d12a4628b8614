"""``python -m gateway.cli.manual DIRECTORY``: writes the man pages (``make man``)."""

import os
import sys
from datetime import UTC, datetime
from pathlib import Path

from gateway.cli import build
from gateway.cli.manual import commands, settings


def main(directory: Path) -> None:
    # reproducible-builds.org: a package's time is that of its change log, not of its build.
    epoch = os.environ.get("SOURCE_DATE_EPOCH")
    at = datetime.fromtimestamp(int(epoch), UTC) if epoch else datetime.now(UTC)
    date = f"{at:%B} {at.day}, {at.year}"
    directory.mkdir(parents=True, exist_ok=True)
    for name, text in (
        ("fax-gateway.1", commands.page(build(), date)),
        ("fax-gateway.toml.5", settings.page(date)),
    ):
        (directory / name).write_text(text, encoding="ascii")
        sys.stdout.write(f"{directory / name}\n")


if __name__ == "__main__":
    main(Path(sys.argv[1]))
