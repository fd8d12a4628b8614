"""The daemon's end of the control socket: whoever asks for whatever, nothing else suffers."""

import asyncio
import getpass
import os
import socket
import stat
from pathlib import Path
from typing import Any

import pytest
from pydantic import SecretStr, ValidationError
from structlog.testing import capture_logs

from gateway.control import server as under_test
from gateway.control.caller import Peer
from gateway.control.client import BrokenOff, NobodyThere, Untrusted, connected
from gateway.control.holds import AddHold
from gateway.control.jobs import ActOnJobs, ListJobs, ShowJobs
from gateway.control.listening import place_of
from gateway.control.pauses import Pause, Resume
from gateway.control.protocol import LONGEST_REQUEST, Refused, read_frame, request_line
from gateway.control.server import ControlServer
from gateway.control.users import AddUser, ListUsers, RemoveUser
from gateway.spool import audit, logins
from gateway.spool.logins import LoginStore, Role
from gateway.spool.pauses import Activity, standing
from gateway.spool.prospects import Action
from gateway.spool.states import State

ME = getpass.getuser()
SERVICE = 54321  # user id


def test_jobs_are_moved_in_the_callers_name_and_the_workers_are_told(open_control: Any, samples: Any) -> None:
    async def scenario() -> None:
        async with open_control() as control:
            job = await samples.prepared(control.spool, "+4989123456")
            total, done = await asyncio.to_thread(control.ask, ActOnJobs(action=Action.HOLD, ids=(job.id[:6],)))
            assert total == {"jobs": 1}
            assert done == {
                "job_id": job.id,
                "said": "held until it is released; its deadline goes on",
                "refused": False,
            }
            assert control.moved == 1
            (shown,) = await asyncio.to_thread(control.ask, ShowJobs(ids=(job.id,)))
            assert (shown["state"], shown["former"]) == ("held", "prepared")
            assert shown["story"][-1]["actor"] == f"operator {ME}"
            (entry,) = await control.database.read(lambda c: audit.newest(c, limit=9))
            deed = entry.deed
            assert (deed.login, deed.address, deed.action, deed.job_id) == (ME, "control socket", "hold", job.id)

    asyncio.run(scenario())


def test_more_jobs_than_one_transaction_takes_are_listed_and_moved(
    open_control: Any, samples: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("gateway.control.jobs.BATCH", 2)

    async def scenario() -> None:
        async with open_control() as control:
            ids = {(await samples.prepared(control.spool, f"+498912345{n}")).id for n in range(5)}
            listed = await asyncio.to_thread(control.ask, ListJobs(limit=4))
            assert len(listed) == 4
            total, *done = await asyncio.to_thread(control.ask, ActOnJobs(action=Action.CANCEL, sender="*@example.com"))
            assert total == {"jobs": 5}
            assert {each["job_id"] for each in done} == ids
            assert control.moved == 3

    asyncio.run(scenario())


def test_what_names_no_job_or_several_moves_none(open_control: Any, samples: Any) -> None:
    async def scenario() -> None:
        async with open_control() as control:
            for n in range(17):  # two of them begin with the same of sixteen digits
                await samples.prepared(control.spool, f"+49891234{n:02}", message_id=f"<{n}@example.com>")
            listed = await asyncio.to_thread(control.ask, ListJobs(limit=17))
            digits = [str(each["id"])[0] for each in listed if isinstance(each, dict)]
            shared = next(digit for digit in digits if digits.count(digit) > 1)
            for wanted, said in (
                (ActOnJobs(action=Action.HOLD), "name jobs"),
                (
                    ActOnJobs(action=Action.HOLD, ids=(shared,)),
                    rf"jobs begin with {shared}: .* `fax-gateway jobs list {shared}`",
                ),
                (AddHold(ids=(shared,)), f"jobs begin with {shared}: "),
                (AddHold(ids=("zzzz",)), "no job's id begins with zzzz: "),
            ):
                with pytest.raises(Refused, match=said):
                    await asyncio.to_thread(control.ask, wanted)
            assert control.moved == 0

    asyncio.run(scenario())


def test_an_id_that_names_no_job_is_told_and_an_empty_one_is_none(open_control: Any, samples: Any) -> None:
    async def scenario() -> None:
        async with open_control() as control:
            job = await samples.prepared(control.spool)
            wanted = ActOnJobs(action=Action.HOLD, ids=(job.id, "z" * 32))
            total, *done = await asyncio.to_thread(control.ask, wanted)
            assert total == {"jobs": 2}
            assert {each["job_id"]: each["refused"] for each in done} == {job.id: False, "z" * 32: True}
            total, only = await asyncio.to_thread(control.ask, ActOnJobs(action=Action.RELEASE, ids=("zzzz",)))
            assert total == {"jobs": 1}
            assert only["said"].startswith("no job's id begins with zzzz: `fax-gateway jobs list --find zzzz`")
            wanted = ActOnJobs(action=Action.RELEASE, ids=(job.id[:8],), state=State.PREPARED)
            _, only = await asyncio.to_thread(control.ask, wanted)  # it is held
            assert only["said"].startswith(f"no job whose id begins with {job.id[:8]} fits the rest: ")

    asyncio.run(scenario())
    with pytest.raises(ValidationError):
        ActOnJobs(action=Action.HOLD, ids=("",))


def test_an_id_in_capitals_is_the_same_id(open_control: Any, samples: Any) -> None:
    async def scenario() -> None:
        async with open_control() as control:
            job = await samples.prepared(control.spool)
            total, done = await asyncio.to_thread(control.ask, ActOnJobs(action=Action.HOLD, ids=(job.id.upper(),)))
            assert total == {"jobs": 1}
            assert (done["job_id"], done["refused"]) == (job.id, False)

    asyncio.run(scenario())


def test_a_pause_is_in_effect_when_it_is_answered(open_control: Any) -> None:
    async def scenario() -> None:
        async with open_control() as control:
            assert await asyncio.to_thread(control.ask, Pause(activity=Activity.SUBMIT)) == [
                {"activity": "submit", "before": None}
            ]
            assert control.switched == 1
            (switch,) = await control.database.read(standing)
            assert switch.by == f"operator {ME}"
            resumed = await asyncio.to_thread(control.ask, Resume())
            assert [each["activity"] for each in resumed] == ["accept", "submit"]
            assert resumed[0]["before"] is None
            assert resumed[1]["before"].startswith(f"submit is paused by operator {ME} since ")
            actions = [each.deed.action for each in await control.database.read(lambda c: audit.newest(c, limit=9))]
            assert actions == ["resume", "resume", "pause"]

    asyncio.run(scenario())


def test_a_login_is_made_and_its_password_stands_nowhere(open_control: Any, tmp_path: Path) -> None:
    async def scenario() -> None:
        async with open_control() as control:
            wanted = AddUser(name="Jana", password=SecretStr("correct horse"), role=Role.ADMIN)
            with capture_logs() as events:
                assert await asyncio.to_thread(control.ask, wanted) == [{"is_new": True}]
                assert await asyncio.to_thread(control.ask, wanted) == [{"is_new": False}]
                with pytest.raises(Refused, match="an empty password is none"):
                    await asyncio.to_thread(control.ask, AddUser(name="x", password=SecretStr("")))
            assert await LoginStore(control.database).verify("jana", "correct horse")
            (listed,) = await asyncio.to_thread(control.ask, ListUsers())
            assert (listed["name"], listed["role"]) == ("jana", "admin")
            entries = await control.database.read(lambda c: audit.newest(c, limit=9))
            assert [(e.deed.action, e.deed.detail) for e in entries] == [
                ("user changed", "Jana (admin)"),
                ("user added", "Jana (admin)"),
            ]
            assert "correct horse" not in f"{events} {entries} {wanted!r}"
            await asyncio.to_thread(control.ask, RemoveUser(name="jana"))
            assert await control.database.read(logins.listed) == []
            with pytest.raises(Refused, match="there is no login jana"):
                await asyncio.to_thread(control.ask, RemoveUser(name="jana"))
        assert b"correct horse" not in b"".join(each.read_bytes() for each in tmp_path.glob("spool.db*"))

    asyncio.run(scenario())


NO_REQUESTS = [
    (b"GET / HTTP/1.1\r\n", "this is no request"),
    (b"\xff\xfe\x00\n", "this is no request"),
    (b"[]\n", "this is no request"),
    (b'{"version":1,"request":{"do":"jobs burn"}}\n', "this is no request"),
    (b'{"version":1,"request":{"do":"pause","activity":"everything"}}\n', "activity"),
    (b'{"version":1,"request":{"do":"users add","name":"x","password":"Geheim-4711","more":1}}\n', "more"),
    (b'{"version":2,"request":{"do":"check"}}\n', "speaks version 2 of the control protocol"),
    (b'{"version":1,"request":{"do":"check"}}', "a line of JSON"),
    (b"x" * (LONGEST_REQUEST + 1) + b"\n", "at most 65536 bytes"),
    (b"", "a line of JSON"),
]


def test_what_is_no_request_is_refused_with_a_reason(open_control: Any) -> None:
    async def scenario() -> None:
        async with open_control() as control:
            for line, said in NO_REQUESTS:
                with capture_logs() as events:
                    end = await asyncio.to_thread(_say, control.path, line)
                assert end.how == "refused"
                assert said in end.said
                assert "Geheim-4711" not in f"{end} {events}"
            assert await asyncio.to_thread(control.ask, ListUsers()) == []

    asyncio.run(scenario())


def _say(path: Path, line: bytes) -> Any:
    with connected([path]) as connection:
        connection.sendall(line)
        connection.shutdown(socket.SHUT_WR)
        return read_frame(connection.makefile("rb").readline())


def test_who_hangs_is_left_alone_and_delays_nobody(open_control: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(under_test, "ASKED_WITHIN", 0.3)

    async def scenario() -> None:
        async with open_control() as control:
            hanging = [connected([control.path]) for _ in range(3)]
            assert await asyncio.to_thread(control.ask, ListUsers()) == []
            for each in hanging:
                assert await asyncio.to_thread(each.recv, 1) == b""  # the daemon has hung up
                each.close()

    asyncio.run(scenario())


def test_who_takes_no_answer_is_left_alone(open_control: Any, samples: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(under_test, "TAKEN_WITHIN", 0.3)

    async def scenario() -> None:
        async with open_control() as control:
            for number in range(60):
                await samples.prepared(control.spool, f"+49891234{number:02}", subject="x" * 30_000)
            with connected([control.path]) as connection, capture_logs() as events:
                connection.sendall(request_line(ListJobs(), sudo_user=None, configuration=None))
                while not any(event["event"] == "control_left" for event in events):
                    await asyncio.sleep(0.05)
            assert await asyncio.to_thread(control.ask, ListUsers()) == []

    asyncio.run(scenario())


def test_more_than_there_is_room_for_are_sent_away(open_control: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(under_test, "MOST_AT_ONCE", 2)

    async def scenario() -> None:
        async with open_control() as control:
            waiting = [connected([control.path]) for _ in range(2)]
            await asyncio.sleep(0.1)
            with pytest.raises((Refused, BrokenOff), match=r"hands full|broken off|does not answer"):
                await asyncio.to_thread(control.ask, ListUsers())
            for each in waiting:
                each.close()

    asyncio.run(scenario())


def test_two_at_once_are_both_answered(open_control: Any, samples: Any) -> None:
    async def scenario() -> None:
        async with open_control() as control:
            job = await samples.prepared(control.spool)
            hold = ActOnJobs(action=Action.HOLD, ids=(job.id,))
            both = await asyncio.gather(*(asyncio.to_thread(control.ask, hold) for _ in range(2)))
            assert sorted(done["refused"] for _, done in both) == [False, True]

    asyncio.run(scenario())


def test_a_fault_of_ours_is_said_and_the_next_one_is_answered(
    open_control: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    async def scenario() -> None:
        async with open_control() as control:
            with monkeypatch.context() as broken, capture_logs() as events:
                broken.setattr(control.database, "read", None)
                with pytest.raises(Refused, match="its log says which"):
                    await asyncio.to_thread(control.ask, ListUsers())
            assert "control_broken" in [event["event"] for event in events]
            assert await asyncio.to_thread(control.ask, ListUsers()) == []

    asyncio.run(scenario())


def test_the_socket_is_its_owners_and_its_groups_and_goes_with_the_daemon(open_control: Any) -> None:
    async def scenario() -> None:
        async with open_control() as control:
            assert stat.S_IMODE(control.path.stat().st_mode) == 0o660
        assert not control.path.exists()
        with pytest.raises(NobodyThere):
            connected([control.path])

    asyncio.run(scenario())


@pytest.mark.parametrize(
    ("owner", "mode", "is_trusted"),
    [(SERVICE, 0o755, True), (SERVICE, 0o1777, False), (SERVICE + 1, 0o755, False)],
    ids=["the service's", "in a directory that is everybody's", "somebody else's"],
)
def test_nothing_is_said_to_a_stranger_who_listens(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, owner: int, mode: int, is_trusted: bool
) -> None:
    if os.geteuid() != 0:
        pytest.skip("needs root, to give files away")
    monkeypatch.setattr("gateway.control.client.peer_of", lambda _: Peer(SERVICE, SERVICE))
    path = tmp_path / "run" / "control.sock"
    path.parent.mkdir()
    with socket.socket(socket.AF_UNIX) as listening:
        listening.bind(str(path))
        listening.listen()
        os.chown(path, owner, owner)
        path.parent.chmod(mode)
        (tmp_path / "link").symlink_to(path)
        for place in (path, tmp_path / "link"):
            if is_trusted:
                connected([place]).close()
            else:
                with pytest.raises(Untrusted, match="nothing was said"):
                    connected([place])


def test_a_dead_socket_is_replaced(open_control: Any, tmp_path: Path) -> None:
    with socket.socket(socket.AF_UNIX) as dead:
        dead.bind(str(tmp_path / "control.sock"))
        dead.listen()
    assert (tmp_path / "control.sock").is_socket()

    async def scenario() -> None:
        async with open_control() as control:
            assert await asyncio.to_thread(control.ask, ListUsers()) == []

    asyncio.run(scenario())


def test_a_live_socket_is_never_taken_over(open_control: Any) -> None:
    async def scenario() -> None:
        async with open_control() as control:
            with capture_logs() as events:
                async with ControlServer(control.path, control.desk(), None):
                    assert await asyncio.to_thread(control.ask, ListUsers()) == []
            assert [event["event"] for event in events if event["log_level"] == "error"] == ["control_not_listening"]
            assert await asyncio.to_thread(control.ask, ListUsers()) == []  # nor does the second one's end take it

    asyncio.run(scenario())


def test_of_two_that_start_together_one_gets_it(open_control: Any) -> None:
    async def scenario() -> None:
        async with open_control() as control:
            path = control.path.with_name("other.sock")
            with socket.socket(socket.AF_UNIX) as dead:
                dead.bind(str(path))
            servers = [ControlServer(path, control.desk(), None) for _ in range(5)]
            with capture_logs() as events:
                await asyncio.gather(*(each.__aenter__() for each in servers))
            said = [event["event"] for event in events if event["event"].startswith("control_")]
            assert sorted(said) == ["control_listening"] + ["control_not_listening"] * 4
            for each in servers:
                await each.__aexit__(None, None, None)

    asyncio.run(scenario())


def test_what_is_no_socket_stays(open_control: Any, tmp_path: Path) -> None:
    (tmp_path / "control.sock").write_text("mine")

    async def scenario() -> None:
        async with open_control():
            pass

    asyncio.run(scenario())
    assert (tmp_path / "control.sock").read_text() == "mine"


def test_who_meant_another_daemon_is_told(open_control: Any, tmp_path: Path) -> None:
    ours, other = tmp_path / "config.toml", tmp_path / "other.toml"
    ours.touch()
    other.touch()

    async def scenario() -> None:
        async with open_control(ours) as control:
            assert await asyncio.to_thread(control.ask, ListUsers(), configuration=place_of(ours)) == []
            with pytest.raises(Refused, match="another configuration"):
                await asyncio.to_thread(control.ask, Pause(), configuration=place_of(other))
            ours.rename(tmp_path / "old.toml")  # as editors do
            ours.touch()
            assert await asyncio.to_thread(control.ask, ListUsers(), configuration=place_of(ours)) == []

    asyncio.run(scenario())
