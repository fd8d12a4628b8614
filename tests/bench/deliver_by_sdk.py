"""What an administrator would write today: a mail on standard input goes out by the vendor's SDK. deliver.py's peer.

    VENV/bin/python deliver_by_sdk.py ORIGIN RECIPIENT

Runs in a venv of the SDK's own, and imports nothing of ours.
"""

import base64
import email
import email.policy
import sys

from retarus.commons.config import Configuration
from retarus.commons.region import Region, RegionUri
from retarus.fax.client import FaxClient
from retarus.fax.model import Document, Job, SendRecipient


def main(origin: str, recipient: str) -> None:
    mail = email.message_from_binary_file(sys.stdin.buffer, policy=email.policy.default)
    documents = [
        Document(
            name=f"document-{number}.pdf",
            charset=None,
            reference=None,
            data=base64.b64encode(content).decode(),
        )
        for number, part in enumerate(mail.iter_attachments(), start=1)
        if isinstance(content := part.get_payload(decode=True), bytes)
    ]
    FaxClient._FaxClient__fax_uris[:] = [
        RegionUri(region=Region.Custom, ha_uri=f"{origin}/ha", urls=[f"{origin}/dc1", f"{origin}/dc2"])
    ]
    Configuration.customer_number = "99999"
    Configuration.set_auth("sandbox", "sandbox")
    Configuration.set_region(Region.Custom)
    number = recipient.partition("@")[0]
    job = Job(recipients=[SendRecipient(number=number, properties=[])], documents=documents, renderingOptions=None)
    if not FaxClient().client.send_fax_job(job):
        sys.exit(75)  # sysexits.h, EX_TEMPFAIL: Postfix tries again


if __name__ == "__main__":
    main(*sys.argv[1:])
