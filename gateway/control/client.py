"""A command's end of the socket."""

import os
import socket
import stat
from collections.abc import Iterator, Sequence
from contextlib import closing
from pathlib import Path
from typing import Any

from gateway.control.caller import peer_of
from gateway.control.protocol import LONGEST_ITEM, End, Misread, Refused, Request, Size, read_frame, request_line

PATIENCE = 120.0  # seconds without a word: a check waits for every data centre

Answered = dict[str, Any] | bytes


class NobodyThere(Exception):
    """No daemon listens at any of the places."""


class NotAllowed(Exception):
    """The socket is there, and its file mode lets this user not use it."""

    def __init__(self, path: Path, why: str = "") -> None:
        hint = "`adduser NAME fax-gateway` makes one, from the next login on"
        super().__init__(
            why or f"{path} may be used by root, by the daemon's user and by members of its group only; {hint}"
        )
        self.path = path


class Untrusted(NotAllowed):
    """Somebody listens there who needn't be the daemon, and would be told passwords."""

    def __init__(self, path: Path) -> None:
        super().__init__(
            path,
            f"who listens at {path} is neither root, nor you, nor the owner of a socket in a directory where only its "
            "owner may write: nothing was said. Is it the daemon's? then see control.socket",
        )


class BrokenOff(Exception):
    """The answer has no end; what came before it is true."""


def connected(places: Sequence[Path]) -> socket.socket:
    """To the first of `places` where somebody listens; raises NobodyThere, NotAllowed, Untrusted or BrokenOff."""
    for path in places:
        made = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
        made.settimeout(PATIENCE)
        try:
            made.connect(str(path))
        except PermissionError:
            made.close()
            raise NotAllowed(path) from None
        except (FileNotFoundError, NotADirectoryError, ConnectionRefusedError):
            made.close()
            continue
        except OSError as error:
            made.close()
            raise BrokenOff(f"{path} does not answer: {error}") from error
        if not _is_trusted(path, peer_of(made).uid):
            made.close()
            raise Untrusted(path)
        return made
    raise NobodyThere


def _is_trusted(path: Path, peer: int) -> bool:
    """`peer`: whose process listens. Root and ourselves could have all that we say without that."""
    if peer in (0, os.geteuid()):
        return True
    try:
        socket_file = path.resolve(strict=True)  # where a link leads
        directories = [each.parent.stat() for each in (path, socket_file)]
        return socket_file.stat().st_uid == peer and not any(each.st_mode & stat.S_IWOTH for each in directories)
    except OSError:
        return False


def converse(
    connection: socket.socket,
    request: Request,
    *,
    sudo_user: str | None = None,
    configuration: tuple[int, int] | None = None,
) -> Iterator[Answered]:
    """The pieces of the answer as they come: the fields of an item, or bytes. Raises Refused, BrokenOff."""
    with closing(connection):
        try:
            connection.sendall(request_line(request, sudo_user=sudo_user, configuration=configuration))
            with connection.makefile("rb") as lines:
                while True:
                    line = lines.readline(LONGEST_ITEM)
                    if not line.endswith(b"\n"):
                        raise BrokenOff("the daemon has broken off its answer: did it stop? see its log")
                    match read_frame(line):
                        case Size(size):
                            chunk = lines.read(size)
                            if len(chunk) != size:
                                raise BrokenOff("the daemon has broken off its answer: did it stop? see its log")
                            yield chunk
                        case End(how="done"):
                            return
                        case End(said=said):
                            raise Refused(said)
                        case dict() as fields:
                            yield fields
        except (OSError, Misread) as error:
            raise BrokenOff(f"the daemon does not answer: {error}") from error
