"""Fax4A, "Endpoints": reports at each data centre, and what becomes of them."""

import asyncio
import re
from pathlib import Path
from typing import Any

from gateway.sandbox.outcomes import OUTCOMES, outcome

DOCUMENTATION = Path(__file__).parents[2] / "docs" / "sandbox.md"


def test_a_report_says_what_the_contract_says(open_sandbox: Any, job: Any) -> None:
    reference = {"customerDefinedId": "one", "billingCode": "4711"}
    properties = [{"key": "name", "value": "Jana"}]
    request = job(recipients=[{"number": "+4989123456", "properties": properties}], reference=reference)

    async def scenario() -> None:
        async with open_sandbox() as client:
            job_id = (await client.send(request)).body["jobId"]
            report = await client.report(job_id)
            assert set(report) == {"jobId", "recipientStatus", "pages", "reference"}
            assert (report["jobId"], report["reference"], report["pages"]) == (job_id, reference, 1)
            (status,) = report["recipientStatus"]
            assert status["number"] == status["sentToNumber"] == "+4989123456"
            assert (status["status"], status["reason"]) == ("OK", "simulated")
            assert status["properties"] == properties
            assert status["durationInSecs"] == 50
            assert status["sentTs"].endswith("+00:00")
            assert status["remoteCsid"]

    asyncio.run(scenario())


def test_every_outcome_can_be_chosen_by_its_number(open_sandbox: Any, job: Any) -> None:
    numbers = [f"+49899900{number:02}" for number in OUTCOMES]

    async def scenario() -> None:
        async with open_sandbox() as client:
            report = await client.report((await client.send(job(*numbers))).body["jobId"])
            assert [status["status"] for status in report["recipientStatus"]] == list(OUTCOMES.values())
            rejected = await client.send(job("+4989990098"))
            assert (rejected.status, rejected.message) == (
                400,
                "Validation of job request failed: 'No number available for rcpt'",
            )

    asyncio.run(scenario())


def test_a_number_can_choose_to_have_no_report(open_sandbox: Any, job: Any) -> None:
    async def scenario() -> None:
        async with open_sandbox() as client:
            await client.send(job("+4989990099"))
            await client.report((await client.send(job())).body["jobId"])
            assert [each["state"] for each in await client.jobs()] == ["accepted", "finished"]

    asyncio.run(scenario())


def test_the_documentation_shows_every_outcome() -> None:
    table = DOCUMENTATION.read_text(encoding="utf-8").partition("## Outcomes")[2].partition("##")[0]
    shown = {int(number): code for number, code in re.findall(r"\| (\d\d) \| `(\w+)`", table)}
    assert shown == OUTCOMES
    assert all(outcome(f"+49899900{number:02}") == code for number, code in OUTCOMES.items())


def test_a_job_lies_at_one_data_centre_and_ha_is_inconsistent(open_sandbox: Any, job: Any) -> None:
    async def scenario() -> None:
        async with open_sandbox() as client:
            ids = {(await client.send(job())).body["jobId"] for _ in range(12)}
            await client.finished(12)
            at = {
                base: {each["jobId"] for each in (await client.reports(base)).body["reports"]}
                for base in ("dc1", "dc2")
            }
            assert at["dc1"] | at["dc2"] == ids
            assert at["dc1"] & at["dc2"] == set()
            assert at["dc1"]
            assert at["dc2"]
            seen = [len((await client.reports("ha")).body["reports"]) for _ in range(12)]
            assert set(seen) == {len(at["dc1"]), len(at["dc2"])}

    asyncio.run(scenario())


def test_a_list_has_the_oldest_and_deleting_them_shows_the_next(open_sandbox: Any, job: Any) -> None:
    async def scenario() -> None:
        async with open_sandbox() as client:
            await client.settings(limits={"reports": 2})
            ids = [(await client.send(job(), base="dc1")).body["jobId"] for _ in range(5)]
            await client.finished(5)

            async def listed() -> list[str]:
                return [each["jobId"] for each in (await client.reports("dc1")).body["reports"]]

            assert await listed() == ids[:2]
            deleted = (await client.reports("dc1", "DELETE")).body["reports"]
            assert deleted == [{"jobId": each, "deleted": True} for each in ids[:2]]
            assert await listed() == ids[2:4]

    asyncio.run(scenario())


def test_bulk_answers_for_found_and_not_found(open_sandbox: Any, job: Any) -> None:
    async def scenario() -> None:
        async with open_sandbox() as client:
            here = (await client.send(job(), base="dc1")).body["jobId"]
            there = (await client.send(job(), base="dc2")).body["jobId"]
            await client.finished(2)
            wanted = [here, there, "FJJ66GHGX105ZZBIELVCN1"]
            found = await client.bulk("dc1", "get", wanted)
            assert [each["jobId"] for each in found.body["reports"]] == [here]
            deleted = (await client.bulk("dc1", "delete", wanted)).body["reports"]
            assert deleted == [
                {"jobId": here, "deleted": True},
                {"jobId": there, "deleted": False, "reason": "NOT_FOUND"},
                {"jobId": "FJJ66GHGX105ZZBIELVCN1", "deleted": False, "reason": "NOT_FOUND"},
            ]
            assert (await client.bulk("dc1", "GET", [here])).body == {"reports": []}
            assert (await client.bulk("dc1", "ERASE", [here])).status == 400

    asyncio.run(scenario())


def test_one_report_is_read_and_deleted_by_its_path(open_sandbox: Any, job: Any) -> None:
    async def scenario() -> None:
        async with open_sandbox() as client:
            job_id = (await client.send(job(), base="dc2")).body["jobId"]
            path = f"/dc2/rest/v1/99999/fax/reports/{job_id}"
            await client.finished()
            assert (await client.ask("GET", path)).body["jobId"] == job_id
            assert (await client.ask("GET", path.replace("dc2", "dc1"))).status == 404
            assert (await client.ask("DELETE", path)).body == {"jobId": job_id, "deleted": True}
            again = await client.ask("DELETE", path)
            assert again.body == {"jobId": job_id, "deleted": False, "reason": "NOT_FOUND"}
            assert (await client.ask("GET", path)).status == 404

    asyncio.run(scenario())


def test_jobs_of_one_login_are_invisible_to_another(open_sandbox: Any, job: Any) -> None:
    other = ("other", "secret")

    async def scenario() -> None:
        async with open_sandbox() as client:
            logins = {
                "sandbox": {"password": "sandbox"},
                "other": {"password": "secret"},
                "far": {"password": "far", "networks": ["192.0.2.0/24"]},
            }
            await client.settings(logins=logins)
            job_id = (await client.send(job(), base="dc1")).body["jobId"]
            await client.finished()
            assert (await client.bulk("dc1", "GET", [job_id], login=other)).body == {"reports": []}
            assert (await client.reports("dc1", login=other)).body == {"reports": []}
            (deleted,) = (await client.bulk("dc1", "DELETE", [job_id], login=other)).body["reports"]
            assert deleted["reason"] == "NOT_FOUND"
            assert len((await client.reports("dc1")).body["reports"]) == 1
            assert (await client.reports("dc1", login=("far", "far"))).status == 401

    asyncio.run(scenario())


def test_a_report_goes_after_its_retention(open_sandbox: Any, job: Any) -> None:
    async def scenario() -> None:
        async with open_sandbox() as client:
            job_id = (await client.send(job(), base="dc1")).body["jobId"]
            await client.finished()
            assert len((await client.reports("dc1")).body["reports"]) == 1
            await client.settings(retention_days=0.05 / 86400)
            await asyncio.sleep(0.1)
            assert (await client.reports("dc1")).body == {"reports": []}
            assert (await client.ask("GET", f"/dc1/rest/v1/99999/fax/reports/{job_id}")).status == 404
            assert (await client.ask("DELETE", f"/dc1/rest/v1/99999/fax/reports/{job_id}")).body["deleted"] is False

    asyncio.run(scenario())


def test_the_access_log_shows_where_reports_were_asked_for(open_sandbox: Any, job: Any) -> None:
    async def scenario() -> None:
        async with open_sandbox() as client:
            await client.send(job())
            await client.reports("ha")
            await client.reports("dc1", login=None)
            lines = (await client.ask("GET", "/_sandbox/access")).body
            assert [(line["base"], line["method"], line["login"], line["status"]) for line in lines] == [
                ("ha", "POST", "sandbox", 200),
                ("ha", "GET", "sandbox", 200),
                ("dc1", "GET", None, 400),
            ]

    asyncio.run(scenario())


def test_a_seed_makes_a_run_repeatable(open_sandbox: Any, job: Any) -> None:
    async def scenario() -> None:
        async with open_sandbox() as client:
            runs = []
            for _ in range(2):
                await client.settings(seed=7)
                await client.ask("DELETE", "/_sandbox/jobs")
                for _ in range(5):
                    await client.send(job("+4989990099"))
                runs.append([(each["jobId"], each["dc"]) for each in await client.jobs()])
            assert runs[0] == runs[1]

    asyncio.run(scenario())
