"""A made-up next release: the steps of its schema, and our command with them.

``python -m tests.living.next_release STEPS ...``
"""

import shutil
import sys
from pathlib import Path

from gateway.cli import main
from gateway.spool import migrations

NEXT = """\
'''The next release'''
import sqlalchemy as sa
from alembic import op
revision, down_revision, branch_labels, depends_on = "{version:04}", "{before}", None, None
{oldest}
def upgrade():
    op.add_column("job", sa.Column("priority_{version}", sa.Integer(), nullable=True))
"""


def release(tmp_path: Path, *further: int | None) -> Path:
    """The steps of a later release: ours and further ones, each with its oldest daemon."""
    steps = tmp_path / "steps"
    shutil.rmtree(steps, ignore_errors=True)
    shutil.copytree(migrations.STEPS, steps, ignore=shutil.ignore_patterns("__pycache__"))
    before, version = _last_revision(), migrations.newest()
    for oldest in further:
        version += 1
        contracts = f"oldest_daemon = {oldest}" if oldest is not None else ""
        source = NEXT.format(version=version, before=before, oldest=contracts)
        (steps / "versions" / f"{version:04}_next.py").write_text(source, encoding="utf-8")
        before = f"{version:04}"
    return steps


def _last_revision() -> str:
    last = max((migrations.STEPS / "versions").glob("0*.py"))
    (line,) = [line for line in last.read_text().splitlines() if line.startswith("revision = ")]
    return line.split('"')[1]


if __name__ == "__main__":
    migrations.STEPS = Path(sys.argv.pop(1))
    main()
