"""`fax-gateway jobs`, beside a daemon that has the spool."""

import asyncio
import json
from pathlib import Path
from typing import Any

import pytest

from tests.living import nursery


def run(directory: Path, *words: str, typed: str | None = None) -> tuple[int, str, str]:
    done = nursery.run("jobs", *words, "--config", str(directory / "config.toml"), typed=typed)
    return done.returncode, done.stdout, done.stderr


@pytest.mark.sqlite
def test_jobs_are_listed_shown_held_and_cancelled(open_spool: Any, samples: Any, tmp_path: Path) -> None:
    (tmp_path / "config.toml").write_text("")

    async def scenario() -> None:
        async with open_spool() as spool:  # it stays open: the daemon's lock is no hindrance
            job = await samples.prepared(spool, "+4989123456", "+4989123457")
            other = await samples.prepared(spool, "+4989123458", message_id="<2@example.com>")

            code, out, _ = await asyncio.to_thread(run, tmp_path, "list", "--find", "+4989123457", "--json")
            assert code == 0
            (listed,) = [json.loads(line) for line in out.splitlines()]
            assert (listed["id"], listed["state"]) == (job.id, "prepared")
            assert [each["number"] for each in listed["recipients"]] == ["+4989123456", "+4989123457"]

            code, out, _ = await asyncio.to_thread(run, tmp_path, "list")
            assert code == 0
            assert job.id[:8] in out
            assert other.id[:8] in out

            assert (await asyncio.to_thread(run, tmp_path, "hold", job.id))[0] == 0
            assert (await asyncio.to_thread(run, tmp_path, "release", job.id))[0] == 0
            code, out, _ = await asyncio.to_thread(run, tmp_path, "cancel", job.id)
            assert (code, out) == (0, f"{job.id[:8]}  cancelled; its sender is told\n")
            code, _, error = await asyncio.to_thread(run, tmp_path, "cancel", job.id)
            assert code == 1
            assert "cancelled can't be cancelled" in error
            assert [letter.word for letter in await samples.letters(spool)] == ["cancelled"]

            code, out, _ = await asyncio.to_thread(run, tmp_path, "show", job.id)
            assert code == 0
            assert "held prepared → held" in out
            assert "cancelled prepared → cancelled" in out

            assert (await asyncio.to_thread(run, tmp_path, "cancel"))[0] == 2
            assert (await asyncio.to_thread(run, tmp_path, "hold", "--sender", "*@example.com"))[
                0
            ] == 1  # one has ended
            assert (await samples.load(spool, other.id)).state.value == "held"

    asyncio.run(scenario())


@pytest.mark.sqlite
def test_what_names_no_job_is_named_with_what_to_do(open_spool: Any, samples: Any, tmp_path: Path) -> None:
    (tmp_path / "config.toml").write_text("")
    look = "`fax-gateway jobs list --find zzzz` looks for it among numbers, senders and other ids"
    none = f"no job's id begins with zzzz: {look}\n"

    async def scenario() -> None:
        async with open_spool() as spool:
            assert await asyncio.to_thread(run, tmp_path, "list") == (0, "", "there is no job yet\n")
            job = await samples.prepared(spool)
            for words in (("hold",), ("release",), ("cancel",), ("retry",), ("erase", "--yes"), ("erase",)):
                assert await asyncio.to_thread(run, tmp_path, *words, "zzzz") == (1, "", f"zzzz  {none}"), words
            assert await asyncio.to_thread(run, tmp_path, "legal-hold", "add", "zzzz") == (1, "", none)
            assert await asyncio.to_thread(run, tmp_path, "list", "zzzz") == (0, "", none)
            code, out, error = await asyncio.to_thread(run, tmp_path, "show", job.id, "zzzz")
            assert (code, error) == (1, none)
            assert job.id in out
            assert (await asyncio.to_thread(run, tmp_path, "show"))[0] == 2
            unfit = (1, "", "no job fits --to +4930* --state held\n")
            assert await asyncio.to_thread(run, tmp_path, "release", "--to", "+4930*", "--state", "held") == unfit
            code, _, error = await asyncio.to_thread(run, tmp_path, "legal-hold", "remove", "7")
            assert (code, error.split("  ")[0]) == (1, "7")
            assert "legal-hold list" in error

    asyncio.run(scenario())


@pytest.mark.sqlite
def test_who_wrote_to_the_postmaster_only_is_erased_too(open_spool: Any, samples: Any, tmp_path: Path) -> None:
    (tmp_path / "config.toml").write_text("")

    async def scenario() -> None:
        async with open_spool() as spool:
            await samples.for_postmaster(spool, b"Subject: x\r\n\r\n", reverse_path="ida@example.org", trace="from x")
            await samples.tell(spool)
            words = ("erase", "--sender", "ida@example.org")
            code, out, error = await asyncio.to_thread(run, tmp_path, *words, typed="y\n")
            assert (code, out.strip()) == (0, "1 mail to the postmaster erased")
            assert "Erase 0 jobs, those that came in the same mails, their mails to the postmaster" in error
            assert await asyncio.to_thread(run, tmp_path, *words, "--yes") == (
                1,
                "",
                "no job fits --sender ida@example.org\n",
            )

    asyncio.run(scenario())
