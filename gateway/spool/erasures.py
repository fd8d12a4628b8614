"""The erasure log: what `jobs erase` has removed, outside the database, so that no restored backup brings it back.

A line for each erased job and letter: when, and the SHA-256 of its id. The id is random and says nothing of a person;
only who has the row itself, in a backup, can tell that it is meant.
"""

import hashlib
import json
import os
from collections.abc import Collection, Iterable, Mapping
from datetime import datetime
from pathlib import Path

from gateway.spool.place import Place, directory_of


def key(row_id: str) -> str:
    return hashlib.sha256(row_id.encode()).hexdigest()


def lines(entries: Mapping[str, str]) -> bytes:
    """Keys, each with its time."""
    return "".join(json.dumps({"at": at, "key": entry}) + "\n" for entry, at in entries.items()).encode("ascii")


def log_path(place: Place) -> Path:
    """Beside a SQLite spool, else in this machine's own directory; a restore leaves it where it is."""
    return directory_of(place) / (f"{place.name}.erasures" if isinstance(place, Path) else "spool.erasures")


class ErasureLog:
    """Only grows. What stands in it is on disk before the erasure is committed."""

    def __init__(self, path: Path) -> None:
        self.path = path

    def add(self, row_ids: Iterable[str], at: datetime) -> None:
        self._append({key(row_id): at.isoformat() for row_id in row_ids})

    def entries(self) -> dict[str, str]:
        """Keys, each with its time; a line that a crash has cut off was committed nowhere."""
        try:
            lines = self.path.read_text("ascii", "replace").splitlines()
        except FileNotFoundError:
            return {}
        found = {}
        for line in lines:
            try:
                entry = json.loads(line)
                found[str(entry["key"])] = str(entry["at"])
            except (ValueError, KeyError, TypeError):
                continue
        return found

    def merge(self, others: Iterable["ErasureLog"]) -> Collection[str]:
        """Takes over what the others hold; returns all keys."""
        own = self.entries()
        new = {entry: at for other in others for entry, at in other.entries().items() if entry not in own}
        self._append(new)
        return own.keys() | new.keys()

    def _append(self, entries: dict[str, str]) -> None:
        if not entries:
            return
        # A restore may come before the first daemon: to a new machine, which has no directory of the spool's yet.
        self.path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
        data = b"\n" + lines(entries)  # a line of its own, whatever a crash has left behind
        flags = os.O_WRONLY | os.O_CREAT | os.O_APPEND | os.O_CLOEXEC | os.O_NOFOLLOW
        descriptor = os.open(self.path, flags, 0o600)
        try:
            left = memoryview(data)
            while left:
                left = left[os.write(descriptor, left) :]
            os.fsync(descriptor)
        finally:
            os.close(descriptor)
        directory = os.open(self.path.parent, os.O_RDONLY | os.O_DIRECTORY | os.O_CLOEXEC)
        try:
            os.fsync(directory)
        finally:
            os.close(directory)
