"""A restore that was broken off between its renames: a spool is missing, and what was to be one stands beside it.

An empty spool made then would take mails, and hide the one that holds those of before.
"""

from pathlib import Path

RESTORING = "restoring"  # what is being restored, until it takes the spool's place
REPLACED = "replaced"  # what was there; a date follows


class RestoreUnfinished(Exception):
    """The text says what stands there, and what to do."""


def beside(path: Path, word: str) -> Path:
    return path.with_name(f"{path.name}.{word}")


def refuse_unfinished(spool: Path) -> None:
    """Raises RestoreUnfinished where `spool` is missing and a restore has left something beside it."""
    if spool.exists() or not spool.parent.is_dir():
        return
    begins = (f"{spool.name}.{RESTORING}", f"{spool.name}.{REPLACED}-")
    left = sorted(each.name for each in spool.parent.iterdir() if each.name.startswith(begins))
    if left:
        raise RestoreUnfinished(
            f"there is no spool {spool}, but {', '.join(left)} beside it: a restore was broken off. Run `fax-gateway "
            "db restore` again, or rename back what it has set aside, the content directory too (docs/operations.md, "
            "backup and restore); to begin with an empty spool, move these files elsewhere"
        )
