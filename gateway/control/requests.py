"""Every request that there is, and what answers it."""

from collections.abc import AsyncGenerator
from typing import Annotated, Any, assert_never

from pydantic import Field, TypeAdapter, ValidationError

from gateway.control import auditing, backups, checking, erasing, holds, jobs, pauses, users
from gateway.control.auditing import ExportAudit
from gateway.control.backups import BackUp
from gateway.control.caller import Caller
from gateway.control.checking import Check
from gateway.control.desk import Desk
from gateway.control.erasing import EraseJobs
from gateway.control.holds import AddHold, ListHolds, RemoveHolds
from gateway.control.jobs import ActOnJobs, ListJobs, ShowJobs
from gateway.control.pauses import Pause, Resume
from gateway.control.protocol import Misread, Piece, reasons
from gateway.control.users import AddUser, ListUsers, RemoveUser

AnyRequest = Annotated[
    ListJobs
    | ShowJobs
    | ActOnJobs
    | EraseJobs
    | AddHold
    | RemoveHolds
    | ListHolds
    | ListUsers
    | AddUser
    | RemoveUser
    | Pause
    | Resume
    | ExportAudit
    | BackUp
    | Check,
    Field(discriminator="do"),
]
_ADAPTER: TypeAdapter[AnyRequest] = TypeAdapter(AnyRequest)


def read_request(fields: dict[str, Any]) -> AnyRequest:
    """Raises Misread."""
    try:
        return _ADAPTER.validate_python(fields)
    except ValidationError as error:
        raise Misread(f"this is no request: {reasons(error)}") from None


def answer(  # noqa: C901, PLR0912 - a table, one row a request
    request: AnyRequest, desk: Desk, caller: Caller
) -> AsyncGenerator[Piece, None]:
    """Raises Refused while it is iterated; what was yielded before then is done."""
    made: AsyncGenerator[Piece, None]
    match request:
        case ListJobs():
            made = jobs.listed(desk, request)
        case ShowJobs():
            made = jobs.told(desk, request)
        case ActOnJobs():
            made = jobs.acted(desk, request, caller)
        case EraseJobs():
            made = erasing.erased(desk, request, caller)
        case AddHold():
            made = holds.added(desk, request, caller)
        case RemoveHolds():
            made = holds.removed(desk, request, caller)
        case ListHolds():
            made = holds.listed(desk)
        case ListUsers():
            made = users.listed(desk)
        case AddUser():
            made = users.added(desk, request, caller)
        case RemoveUser():
            made = users.removed(desk, request, caller)
        case Pause() | Resume():
            made = pauses.switched(desk, request, caller)
        case ExportAudit():
            made = auditing.exported(desk, request)
        case BackUp():
            made = backups.streamed(desk, caller)
        case Check():
            made = checking.checked(desk, request)
        case _:
            assert_never(request)
    return made
