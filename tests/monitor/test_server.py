"""/metrics, /healthz and /readyz as a scraper and a load balancer see them."""

import asyncio
from datetime import UTC, datetime, timedelta
from typing import Any

import aiohttp
import structlog
from prometheus_client.parser import text_string_to_metric_families

from gateway.config import ListenAddress
from gateway.monitor.machine import Disk, LoopLag, Machine
from gateway.monitor.metrics import Metrics
from gateway.monitor.readiness import Condition
from gateway.monitor.server import MonitorServer
from gateway.spool import pauses
from gateway.spool.pauses import Activity
from gateway.spool.write_test import WriteTest


def server(
    spool: Any, samples: Any, *, paused: bool = False, port: int = 0, metrics: Metrics | None = None
) -> MonitorServer:
    return MonitorServer(
        ListenAddress("127.0.0.1", port),
        metrics=metrics or Metrics(),
        database=spool.database,
        machine=lambda: Machine(
            disks={"spool": Disk(100, 40)},
            sessions=2,
            loop_lag=0.01,
            certificate_ends={"submission": datetime(2027, 1, 1, tzinfo=UTC)},
        ),
        condition=lambda: Condition(draining=False, paused=paused, short_of=None),
        write_test=WriteTest(spool.database, spool.contents.directory),
        clock=lambda: samples.now + timedelta(minutes=5),
    )


async def get(port: int | None, path: str) -> tuple[int, str]:
    async with aiohttp.ClientSession() as session, session.get(f"http://127.0.0.1:{port}{path}") as answer:
        return answer.status, await answer.text()


def test_the_spool_is_counted_by_state_with_its_oldest_age(open_spool: Any, samples: Any) -> None:
    async def run() -> str:
        async with open_spool() as spool:
            await samples.prepared(spool)
            await samples.take(spool, samples.job("+4989123457", message_id="<2@example.com>"))
            async with server(spool, samples) as monitor:
                status, text = await get(monitor.port, "/metrics")
                assert status == 200
                return text

    found = {
        (sample.name, sample.labels.get("state")): sample.value
        for family in text_string_to_metric_families(asyncio.run(run()))
        for sample in family.samples
    }
    assert found["fax_gateway_jobs", "prepared"] == found["fax_gateway_jobs", "received"] == 1
    assert found["fax_gateway_jobs", "sent"] == 0
    assert found["fax_gateway_oldest_job_seconds", "prepared"] == 300
    assert ("fax_gateway_oldest_job_seconds", "sent") not in found
    assert found["fax_gateway_words_waiting", None] == 0
    assert found["fax_gateway_oldest_undelivered_seconds", None] == 300
    assert found["fax_gateway_oldest_in_doubt_seconds", None] == 0
    assert found["fax_gateway_disk_free_bytes", None] == 40
    assert found["fax_gateway_disk_used_ratio", None] == 0.6
    assert found["fax_gateway_spool_writable", None] == 1
    assert found["fax_gateway_certificate_end_timestamp_seconds", None] == 1798761600
    assert found["fax_gateway_sessions", None] == 2
    assert found["process_resident_memory_bytes", None] > 0


def test_ready_says_why_not(open_spool: Any, samples: Any) -> None:
    async def run() -> None:
        async with open_spool() as spool:
            async with server(spool, samples) as monitor:
                assert await get(monitor.port, "/healthz") == (200, "alive\n")
                assert await get(monitor.port, "/readyz") == (200, "ready\n")
            async with server(spool, samples, paused=True) as monitor:
                assert await get(monitor.port, "/readyz") == (503, "paused: delivery.paused is set, faxes wait\n")
                assert (await get(monitor.port, "/healthz"))[0] == 200

    asyncio.run(run())


def test_the_fax_services_health_is_shown_and_costs_nothing(open_spool: Any, samples: Any) -> None:
    async def run() -> None:
        metrics = Metrics()
        async with open_spool() as spool, server(spool, samples, metrics=metrics) as monitor:
            metrics.count({"event": "account_paused", "answer": "403 Forbidden"})
            metrics.count({"event": "probe_refused", "answer": "401 Unauthorized"})  # the last word counts
            metrics.count({"event": "datacenter_unavailable", "datacenter": "dc2", "error": "no connection"})
            status, text = await get(monitor.port, "/readyz")
            assert status == 200
            assert text.splitlines() == [
                "ready",
                "fax service: requests are refused: 401 Unauthorized",
                "fax service: dc2 gives no reports: no connection",
            ]
            metrics.count({"event": "account_resumed"})
            metrics.count({"event": "datacenter_available", "datacenter": "dc2"})
            assert await get(monitor.port, "/readyz") == (200, "ready\n")

    asyncio.run(run())


def test_a_spool_that_takes_no_write_is_no_place_for_mail(open_spool: Any, samples: Any) -> None:
    """Found out by a write, and it is seen in the metrics too, which are shown all the same."""

    async def run() -> None:
        async with open_spool() as spool:
            spool.contents.directory.parent.mkdir(exist_ok=True)
            spool.contents.directory.write_text("a file where a directory should be")
            async with server(spool, samples) as monitor:
                status, text = await get(monitor.port, "/readyz")
                assert status == 503
                assert text.startswith("the spool can't be written: [Errno 17] File exists")
                status, text = await get(monitor.port, "/metrics")
                assert status == 200
                assert "fax_gateway_spool_writable 0.0" in text

    asyncio.run(run())


def test_what_is_paused_is_a_gauge_and_a_reason(open_spool: Any, samples: Any) -> None:
    async def run() -> None:
        async with open_spool() as spool, server(spool, samples) as monitor:
            text = (await get(monitor.port, "/metrics"))[1]
            assert 'fax_gateway_paused{activity="accept"} 0.0' in text
            assert 'fax_gateway_paused{activity="submit"} 0.0' in text
            await spool.database.write(lambda c: pauses.pause(c, Activity.ACCEPT, "operator jana", samples.now))
            text = (await get(monitor.port, "/metrics"))[1]
            assert 'fax_gateway_paused{activity="accept"} 1.0' in text
            assert 'fax_gateway_paused{activity="submit"} 0.0' in text
            assert "jana" not in text
            status, reason = await get(monitor.port, "/readyz")
            assert status == 503
            assert reason.startswith("paused: accept is paused by operator jana")
        async with open_spool() as spool, server(spool, samples, paused=True) as monitor:
            assert 'fax_gateway_paused{activity="submit"} 1.0' in (await get(monitor.port, "/metrics"))[1]

    asyncio.run(run())


def test_an_address_that_is_taken_costs_the_metrics_and_not_the_mail(open_spool: Any, samples: Any) -> None:
    async def run() -> list[dict[str, Any]]:
        async with open_spool() as spool, server(spool, samples) as first:
            assert first.port is not None
            with structlog.testing.capture_logs() as events:
                async with server(spool, samples, port=first.port) as second:
                    assert second.port is None
            return [dict(event) for event in events]

    assert [event["event"] for event in asyncio.run(run())] == ["metrics_not_listening"]


def test_a_loop_that_stands_still_is_seen() -> None:
    async def run() -> tuple[float, float]:
        lag = LoopLag()
        watching = asyncio.create_task(lag.run())
        await asyncio.sleep(0.1)
        stand_still = asyncio.get_running_loop().time() + 0.7
        while asyncio.get_running_loop().time() < stand_still:
            pass
        await asyncio.sleep(0.05)
        watching.cancel()
        return lag.take(), lag.take()

    first, second = asyncio.run(run())
    assert 0.1 < first < 2
    assert second == 0
