"""A stream of parts becomes a directory: 0600, synced, and the manifest last, so that what has one is whole."""

import hashlib
import os
import shutil
from collections.abc import Iterable
from contextlib import ExitStack
from pathlib import Path
from typing import Self

from gateway.spool.backup.manifest import NAME, BadBackup, Manifest, PartFacts
from gateway.spool.backup.parts import CONTENTS, ERASURES, ROWS, Piece

PARTS = (ROWS, CONTENTS, ERASURES)  # names that are written: a stream may come from elsewhere


def write_backup(directory: Path, pieces: Iterable[Piece]) -> Manifest:
    """Raises BadBackup where `directory` holds something already or the stream isn't whole, OSError.

    Whatever it raises, and whatever the stream does, nothing is left there then.
    """
    _make_empty(directory)
    try:
        return _write(directory, pieces)
    except BaseException:
        shutil.rmtree(directory, ignore_errors=True)
        raise


def _write(directory: Path, pieces: Iterable[Piece]) -> Manifest:
    manifest: bytes | None = None
    with ExitStack() as stack:
        written = {name: stack.enter_context(_Written(directory / name)) for name in PARTS}
        for piece in pieces:
            if piece.part == NAME:
                manifest = piece.data
            elif piece.part in written:
                written[piece.part].write(piece.data)
            else:
                raise BadBackup(f"there is no part {piece.part!r} in a backup")
        if manifest is None:
            raise BadBackup("it ended before its manifest")
        found = Manifest.from_json(manifest)
        for name, each in written.items():
            if found.parts.get(name) != each.facts:
                raise BadBackup(f"{name} did not come as it was sent: make it again")
            each.sync()
    unfinished = directory / f"{NAME}.unfinished"
    with _Written(unfinished) as file:
        file.write(manifest)
        file.sync()
    unfinished.rename(directory / NAME)
    sync_directory(directory)
    sync_directory(directory.parent)
    return found


class _Written:
    """A new file, 0600, and what was written to it."""

    def __init__(self, path: Path) -> None:
        flags = os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_CLOEXEC | os.O_NOFOLLOW
        self._file = os.fdopen(os.open(path, flags, 0o600), "wb")
        self._digest = hashlib.sha256()
        self._size = 0

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self._file.close()

    def write(self, data: bytes) -> None:
        self._file.write(data)
        self._digest.update(data)
        self._size += len(data)

    def sync(self) -> None:
        self._file.flush()
        os.fsync(self._file.fileno())

    @property
    def facts(self) -> PartFacts:
        return PartFacts(self._size, self._digest.hexdigest())


def _make_empty(directory: Path) -> None:
    if not directory.parent.is_dir():
        raise BadBackup(f"there is no directory {directory.parent}: make it, or mount what should be there")
    directory.mkdir(mode=0o700, exist_ok=True)
    if (directory / NAME).exists():
        raise BadBackup(f"{directory} holds a backup already: name another directory")
    if any(directory.iterdir()):
        raise BadBackup(f"{directory} is not empty, and holds no whole backup: remove it or name another one")


def sync_directory(directory: Path) -> None:
    descriptor = os.open(directory, os.O_RDONLY | os.O_DIRECTORY | os.O_CLOEXEC)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
