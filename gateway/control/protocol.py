"""The wire: one line of JSON is asked, pieces answer it, a last line says how it ended. Pure."""

import json
from dataclasses import dataclass
from datetime import datetime
from typing import Annotated, Any, Literal

from pydantic import BaseModel, ConfigDict, Field, PlainSerializer, ValidationError

VERSION = 1  # raised when an older side could misread what a newer one says
LONGEST_REQUEST = 64 * 1024  # bytes of its line
LONGEST_ITEM = 16 * 1024 * 1024  # bytes of its line: the story of a job that was tried for a day
LONGEST_CHUNK = 1024 * 1024  # bytes

LONGEST_NAME = 320  # of an address (RFC 5321 §4.5.3.1)
Short = Annotated[str, Field(max_length=LONGEST_NAME)]  # an address, a glob, an id, a name
Moment = Annotated[datetime, PlainSerializer(datetime.isoformat, when_used="json")]


class Message(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid")


class Request(Message):
    """What is asked; ``do`` names it."""


class Item(Message):
    """One piece of an answer."""


class Opening(Message):
    """The line that is asked."""

    version: int
    request: dict[str, Any] = Field(repr=False)  # may hold a password
    # Who asked sudo to run the command as root, or as the daemon's user. Only those two are believed.
    sudo_user: Annotated[str, Field(max_length=64)] | None = None
    # Device and inode of the configuration file that the command was given, to meet no other daemon.
    configuration: tuple[int, int] | None = None


class End(Message):
    how: Literal["done", "refused"]
    said: str = ""


@dataclass(frozen=True, slots=True)
class Size:
    """So many bytes follow."""

    size: int


Piece = Item | bytes
Frame = dict[str, Any] | Size | End  # an item's fields; its model is known to who asked


class Refused(Exception):
    """It is not done; the text says to the person why, and what to do."""


class Misread(Exception):
    """What came is no line of this protocol; the text says why, and nothing of what came: it may hold a password."""


def request_line(request: Request, *, sudo_user: str | None, configuration: tuple[int, int] | None) -> bytes:
    fields = request.model_dump(mode="json")
    opening = Opening(version=VERSION, request=fields, sudo_user=sudo_user, configuration=configuration)
    return opening.model_dump_json().encode() + b"\n"


def read_opening(line: bytes) -> Opening:
    """Raises Misread, for another version too."""
    try:
        opening = Opening.model_validate_json(line)
    except ValidationError as error:
        raise Misread(f"this is no request: {reasons(error)}") from None
    if opening.version != VERSION:
        raise Misread(
            f"the command speaks version {opening.version} of the control protocol, the daemon version {VERSION}: "
            "restart the daemon after an upgrade"
        )
    return opening


def reasons(error: ValidationError) -> str:
    """What is wrong where, without the values."""
    details = error.errors(include_url=False, include_input=False, include_context=False)
    return "; ".join(f"{'.'.join(map(str, each['loc']))}: {each['msg']}".removeprefix(": ") for each in details[:5])


def piece_frame(piece: Piece) -> bytes:
    if isinstance(piece, bytes):
        assert len(piece) <= LONGEST_CHUNK
        return b'{"bytes":%d}\n' % len(piece) + piece
    return b'{"item":' + piece.model_dump_json().encode() + b"}\n"


def end_line(end: End) -> bytes:
    return b'{"end":' + end.model_dump_json().encode() + b"}\n"


def read_frame(line: bytes) -> Frame:
    """Raises Misread."""
    try:
        frame = json.loads(line)
    except ValueError:
        frame = None
    match frame:
        case {"item": dict() as fields}:
            return fields
        case {"bytes": int() as size} if 0 <= size <= LONGEST_CHUNK:
            return Size(size)
        case {"end": {"how": "done" | "refused" as how, **rest}}:
            return End(how=how, said=str(rest.get("said", "")))
        case _:
            raise Misread("what the daemon says is not understood: it is of another release; restart it")
