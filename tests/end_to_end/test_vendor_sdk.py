"""The vendor's Python SDK (`retarus-fax`, from PyPI) against the sandbox: what it takes for the service."""

import base64
import json
import os
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

pytestmark = pytest.mark.once

SDK = "retarus-fax==1.0.1"
SESSION = Path(__file__).with_name("vendor_sdk_session.py")
TEXT = "Grüße aus München\n".encode()


@pytest.fixture(scope="session")
def sdk_python(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The Python of a venv of the SDK's own: it pins pytest 7.2.0 as a runtime dependency."""
    directory = tmp_path_factory.mktemp("vendor-sdk")
    python = directory / "bin" / "python"
    for command in (
        [sys.executable, "-m", "venv", str(directory)],
        [str(python), "-m", "pip", "install", "--quiet", "--disable-pip-version-check", SDK],
    ):
        done = subprocess.run(command, capture_output=True, text=True, timeout=240, check=False)
        if done.returncode != 0:
            reason = f"{SDK} can't be installed: {(done.stderr or done.stdout).strip()}"
            if os.environ.get("CI") == "true":
                pytest.fail(reason)
            pytest.skip(reason)
    return python


@pytest.mark.timeout(300)  # pip takes its time
def test_sends_reads_lists_and_deletes_unchanged(sdk_python: Path, gateway: Any, tmp_path: Path, pdf: bytes) -> None:
    (tmp_path / "letter.pdf").write_bytes(pdf)
    (tmp_path / "note.txt").write_bytes(TEXT)
    gateway.sandbox.start()
    try:
        outcome = session(sdk_python, gateway.base, tmp_path / "letter.pdf", tmp_path / "note.txt")
        jobs, access = gateway.jobs(), json.loads(gateway.get("/_sandbox/access"))
    finally:
        gateway.sandbox.stop()

    # What arrived is what was sent, by HA, at either data centre.
    assert [job["jobId"] for job in jobs] == [receipt["jobId"] for receipt in outcome["sent"]]
    letter, note = jobs
    assert [document["name"] for document in letter["request"]["documents"]] == ["letter.pdf", "note.txt"]
    assert [base64.b64decode(document["data"]) for document in letter["request"]["documents"]] == [pdf, TEXT]
    assert [line["base"] for line in access if line["path"].endswith("/fax")] == ["ha"] * 4

    # A report stands where its job landed, and nowhere else; the SDK's word for 404 is False.
    (delivered, busy) = (there_only(job["dc"], outcome["reports"][job["jobId"]]) for job in jobs)
    assert (delivered["jobId"], delivered["pages"]) == (letter["jobId"], 3)
    assert statuses(delivered) == [("+4989123456", "OK")]
    assert delivered["recipientStatus"][0]["properties"] == [{"key": "name", "value": "Ida Beispiel"}]
    assert statuses(busy) == [("+4989990001", "BUSY")]
    assert outcome["unknown"] == {"dc1": False, "dc2": False}

    # In a list or by ids they are the same, oldest first, and an unknown id is left out.
    by_datacenter = {name: [each for each in (delivered, busy) if dc_of(each, jobs) == name] for name in ("dc1", "dc2")}
    for question in ("list", "bulk"):
        assert {name: answer["reports"] for name, answer in outcome[question].items()} == by_datacenter

    # One is deleted where it stands; then the rest is.
    here, elsewhere = letter["dc"], "dc2" if letter["dc"] == "dc1" else "dc1"
    assert outcome["delete"][here] == {"jobId": letter["jobId"], "deleted": True}
    assert outcome["delete"][elsewhere] == {"jobId": letter["jobId"], "deleted": False, "reason": "NOT_FOUND"}
    assert outcome["after_delete"] == {"dc1": False, "dc2": False}
    deleted = [each for answer in outcome["delete_all"].values() for each in answer["reports"]]
    assert deleted == [{"jobId": note["jobId"], "deleted": True}]
    assert outcome["after_delete_all"] == {"dc1": {"reports": []}, "dc2": {"reports": []}}

    assert outcome["bad_number"] == "ApiInvalidPayload"  # 400
    assert outcome["bad_password"] == "ApiAuthorizationError"  # 401


def session(python: Path, origin: str, *files: Path) -> dict[str, Any]:
    """Runs vendor_sdk_session.py; what its calls returned."""
    command = [str(python), "-W", "ignore", str(SESSION), origin, *map(str, files)]
    done = subprocess.run(command, capture_output=True, text=True, timeout=100, check=False)
    assert done.returncode == 0, done.stdout + done.stderr
    outcome: dict[str, Any] = json.loads(done.stdout)
    return outcome


def there_only(datacenter: str, answers: dict[str, Any]) -> dict[str, Any]:
    """The report, of which only its own data centre knows."""
    report: dict[str, Any] = answers[datacenter]
    assert [answer for name, answer in answers.items() if name != datacenter] == [False]
    return report


def dc_of(report: dict[str, Any], jobs: list[dict[str, Any]]) -> str:
    return str({job["jobId"]: job["dc"] for job in jobs}[report["jobId"]])


def statuses(report: dict[str, Any]) -> list[tuple[str, str]]:
    return [(each["number"], each["status"]) for each in report["recipientStatus"]]
