"""What a program of the vendor's Python SDK does, from sending to deleting. Prints what each call returned, as JSON.

VENV/bin/python tests/end_to_end/vendor_sdk_session.py ORIGIN PDF TXT

Runs in a venv of the SDK's own, and imports nothing of ours; test_vendor_sdk.py starts it and judges what it prints.
Nothing of the SDK (retarus-fax 1.0.1) is changed but its table of regions. What it can't do, this session goes round:
- under pydantic 2 an optional field is required, if only as None: `charset`, `renderingOptions`;
- it asks only the first data centre of a region for reports (it takes a coroutine for the answer): here each data
  centre is a region;
- its method for bulk requests is commented out, and posts to the HA URL: here its one line is called, at regions whose
  HA URL is the data centre.
"""

import base64
import json
import sys
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

from retarus.commons.config import Configuration
from retarus.commons.exceptions import RetarusSDKError
from retarus.commons.region import Region, RegionUri
from retarus.fax.client import FaxClient
from retarus.fax.model import Action, BulkRequest, Document, Job, KeyValue, SendRecipient

CUSTOMER = "99999"
SENDING, DC1, DC2 = Region.Custom, Region.Europe, Region.America
UNKNOWN_JOB = "A" * 22
PATIENCE = 30  # seconds until the reports stand


class Session:
    def __init__(self, origin: str) -> None:
        FaxClient._FaxClient__fax_uris[:] = [
            RegionUri(region=SENDING, ha_uri=f"{origin}/ha", urls=[f"{origin}/dc1", f"{origin}/dc2"]),
            RegionUri(region=DC1, ha_uri=f"{origin}/dc1", urls=[f"{origin}/dc1"]),
            RegionUri(region=DC2, ha_uri=f"{origin}/dc2", urls=[f"{origin}/dc2"]),
        ]
        Configuration.customer_number = CUSTOMER
        Configuration.set_auth("sandbox", "sandbox")
        self._sync = FaxClient().client

    def send(self, number: str, *documents: Document) -> Any:
        Configuration.set_region(SENDING)
        recipient = SendRecipient(number=number, properties=[KeyValue(key="name", value="Ida Beispiel")])
        return self._sync.send_fax_job(Job(recipients=[recipient], documents=list(documents), renderingOptions=None))

    def at_both(self, ask: Callable[[Any], Any]) -> dict[str, Any]:
        """What `ask` gets at each data centre; the SDK's False is a 404."""
        answers = {}
        for region, name in ((DC1, "dc1"), (DC2, "dc2")):
            Configuration.set_region(region)
            answers[name] = ask(self._sync)
        return answers

    def wait_for_report(self, job_id: str) -> dict[str, Any]:
        deadline = time.monotonic() + PATIENCE
        while time.monotonic() < deadline:
            reports = self.at_both(lambda sync: sync.get_fax_report(job_id))
            if any(reports.values()):
                return reports
            time.sleep(0.1)
        raise TimeoutError(job_id)

    def bulk(self, *job_ids: str) -> dict[str, Any]:
        request = BulkRequest(action=Action.GET, jobIds=list(job_ids))

        def ask(sync: Any) -> Any:
            return sync.loop.run_until_complete(
                sync.client.transporter.post(f"/{CUSTOMER}/fax/reports", request.dict())
            )

        return self.at_both(ask)


def document(path: Path, charset: str | None = None) -> Document:
    """What Document.from_path would make: under pydantic 2 it fails for want of a charset."""
    return Document(name=path.name, data=base64.b64encode(path.read_bytes()).decode(), charset=charset)


def raised(call: Callable[[], object]) -> str:
    try:
        return f"nothing, but gave {call()}"
    except RetarusSDKError as error:
        return type(error).__name__


def main(origin: str, pdf: Path, txt: Path) -> dict[str, Any]:
    session = Session(origin)
    letter, note = document(pdf), document(txt, "UTF-8")
    outcome: dict[str, Any] = {"sent": [session.send("+4989123456", letter, note), session.send("+4989990001", note)]}
    first, second = (receipt["jobId"] for receipt in outcome["sent"])
    outcome["reports"] = {job_id: session.wait_for_report(job_id) for job_id in (first, second)}
    outcome["unknown"] = session.at_both(lambda sync: sync.get_fax_report(UNKNOWN_JOB))
    outcome["list"] = session.at_both(lambda sync: sync.get_fax_reports())
    outcome["bulk"] = session.bulk(first, second, UNKNOWN_JOB)
    outcome["delete"] = session.at_both(lambda sync: sync.delete_fax_report(first))
    outcome["after_delete"] = session.at_both(lambda sync: sync.get_fax_report(first))
    outcome["delete_all"] = session.at_both(lambda sync: sync.delete_all_fax_reports())
    outcome["after_delete_all"] = session.at_both(lambda sync: sync.get_fax_reports())
    outcome["bad_number"] = raised(lambda: session.send("089123456", note))
    Configuration.set_auth("sandbox", "wrong")
    outcome["bad_password"] = raised(lambda: session.send("+4989123456", note))
    return outcome


if __name__ == "__main__":
    json.dump(main(sys.argv[1], Path(sys.argv[2]), Path(sys.argv[3])), sys.stdout)
