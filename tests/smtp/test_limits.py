"""What a client may not do for ever: stay, wait, err, send too much; and what a full machine answers."""

import asyncio
from datetime import timedelta
from typing import Any

import pytest
from pydantic import ValidationError

from gateway.config.mail_front import Smtp
from gateway.smtp.admission import Admission, TooMany
from gateway.smtp.pressure import FRESH, Pressure, Room, shortage

ENVELOPE = ("MAIL FROM:<jana@example.com>", "RCPT TO:<+4989123456@fax.local>", "DATA")


def run(scenario: Any) -> None:
    asyncio.run(scenario())


def test_an_idle_client_is_told_and_left(open_front: Any) -> None:
    async def scenario() -> None:
        async with open_front(smtp={"idle_timeout": "1s"}) as front, front.client() as peer:
            assert await peer.rest() == b"421 4.4.2 you have taken too long, nothing was accepted\r\n"

    run(scenario)


def test_a_client_that_drips_its_mail_can_not_hold_a_place_for_ever(open_front: Any) -> None:
    async def scenario() -> None:
        async with open_front(smtp={"mail_timeout": "1s"}) as front, front.client() as peer:
            await peer.ask("HELO x", *ENVELOPE)

            async def drip() -> None:
                while True:
                    await peer.send(b"x\r\n")
                    await asyncio.sleep(0.05)

            dripping = asyncio.create_task(drip())
            assert (await peer.reply()).startswith("451 4.4.2 the mail has taken too long")
            dripping.cancel()
            await asyncio.gather(dripping, return_exceptions=True)
            assert await front.mails() == []

    run(scenario)


def test_no_mail_may_take_longer_than_an_hour() -> None:
    """Its file has no row until then, and what has none is swept after a day."""
    assert Smtp(mail_timeout="1h").mail_timeout == timedelta(hours=1)
    with pytest.raises(ValidationError, match="mail_timeout"):
        Smtp(mail_timeout="61m")


def test_a_client_that_errs_again_and_again_is_left(open_front: Any) -> None:
    async def scenario() -> None:
        async with open_front(smtp={"max_errors": 3}) as front, front.client() as peer:
            replies = await peer.ask("WHAT", "WHAT", "WHAT")
            assert [reply[:3] for reply in replies] == ["500", "500", "500"]
            assert await peer.rest() == b"421 4.7.0 too many errors\r\n"

    run(scenario)


def test_wrong_numbers_of_a_relay_are_no_errors_of_its_session(open_front: Any) -> None:
    async def scenario() -> None:
        async with open_front(smtp={"max_errors": 3}) as front, front.client() as peer:
            wrong = [f"RCPT TO:<{number}@fax.local>" for number in range(10, 15)]
            replies = await peer.ask(
                "HELO x", "MAIL FROM:<jana@example.com>", *wrong, "RCPT TO:<+4989123456@fax.local>"
            )
            assert [reply[:3] for reply in replies[2:]] == ["550"] * 5 + ["250"]

    run(scenario)


def test_wrong_numbers_of_a_stranger_are(open_front: Any) -> None:
    async def scenario() -> None:
        strict = {"max_errors": 3, "relay_networks": ["192.0.2.0/24"]}
        async with open_front(smtp=strict) as front, front.client() as peer:
            await peer.ask("HELO x", "MAIL FROM:<jana@example.com>", *["RCPT TO:<+4989123456@fax.local>"] * 3)
            assert await peer.rest() == b"421 4.7.0 too many errors\r\n"

    run(scenario)


def test_there_are_so_many_sessions_and_no_more(open_front: Any) -> None:
    async def scenario() -> None:
        async with open_front(smtp={"max_sessions_per_address": 2}) as front:
            async with front.client(), front.client() as second:
                async with front.client(greeted=False) as third:
                    assert (await third.rest()).startswith(b"421 4.7.0 too many sessions from 127.0.0.1")
                async with front.client("socket"):  # a unix socket has no address
                    pass
                await second.ask("QUIT")
                await second.rest()
            async with front.client():
                pass

    run(scenario)


def test_admission_counts_all_and_each() -> None:
    async def scenario() -> None:
        admission = Admission(most=1, most_per_address=5)
        session: Any = object()
        with admission.admitted(session, None):
            assert not admission.empty.is_set()
            with pytest.raises(TooMany), admission.admitted(session, None):
                pass
        assert admission.empty.is_set()

    run(scenario)


def test_a_mail_above_the_limit_is_read_to_its_end_and_refused(open_front: Any) -> None:
    async def scenario() -> None:
        async with open_front(smtp={"max_message_bytes": 200_000}) as front, front.client() as peer:
            await peer.ask("HELO x", *ENVELOPE)
            await peer.send(b"x" * 300_000 + b"\r\n.\r\n")
            assert (await peer.reply()).startswith("552 5.3.4")
            await peer.ask(*ENVELOPE[:2])
            await peer.send(b"BDAT 300000\r\n" + b"x" * 300_000)
            assert (await peer.reply()).startswith("552 5.3.4")
            assert (await peer.ask("NOOP"))[0].startswith("250")
            files = [path for path in front.database.place.parent.joinpath("content").rglob("*") if path.is_file()]
            assert files == []

    run(scenario)


def test_a_line_of_a_command_has_its_limit_and_the_next_one_is_read(open_front: Any) -> None:
    async def scenario() -> None:
        async with open_front() as front, front.client() as peer:
            assert (await peer.ask("NOOP " + "x" * 40_000, "NOOP")) == [
                "500 5.5.2 the line is too long",
                "250 2.0.0 ok",
            ]

    run(scenario)


def test_more_recipients_than_allowed_are_told_to_come_in_another_mail(open_front: Any) -> None:
    async def scenario() -> None:
        async with open_front(limits={"recipients": 1}) as front, front.client() as peer:
            *_, second = await peer.ask("HELO x", ENVELOPE[0], ENVELOPE[1], "RCPT TO:<+4989123457@fax.local>")
            assert second.startswith("452 4.5.3")

    run(scenario)


@pytest.mark.parametrize(
    ("room", "wanted", "short"),
    [
        (Room(1000, 100, 1000, 100), 0, None),
        (Room(1000, 49, 1000, 100), 0, "disk"),
        (Room(1000, 100, 1000, 100), 60, "disk"),
        (Room(1000, 100, 1000, 49), 0, "memory"),
    ],
)
def test_at_95_percent_nothing_is_begun(room: Room, wanted: int, short: str | None) -> None:
    assert shortage(room, wanted) == short


def test_pressure_looks_once_a_second_and_says_what_is_short() -> None:
    now, rooms = [0.0], [Room(1000, 10, 1000, 500), Room(1000, 500, 1000, 500)]
    pressure = Pressure(lambda: rooms.pop(0), lambda: now[0])
    refusal = pressure.refusal(0)
    assert refusal is not None
    assert str(refusal).startswith("452 4.3.1 the gateway is short of disk")
    assert pressure.refusal(0) is not None
    now[0] += FRESH + 0.1
    assert pressure.refusal(0) is None
