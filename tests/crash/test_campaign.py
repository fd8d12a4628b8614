"""The three promises through kills and faults, in a short form; the long one is ``python -m tests.crash.campaign``."""

import random
from pathlib import Path

import pytest

from tests.crash.campaign import MODES, Campaign, prepared
from tests.crash.verdict import broken
from tests.living.mailbox import Mailbox

pytestmark = pytest.mark.once

MAILS = {"fail": 100, "resubmit": 50, "refused": 50}
LEAST_KILLS = 3


@pytest.mark.timeout(300)
@pytest.mark.parametrize("name", MAILS)
def test_every_250_is_one_fax_at_most_and_a_word_whatever_dies(name: str, tmp_path: Path) -> None:
    mode = MODES[name]
    with Mailbox() as mailbox:
        campaign = Campaign(prepared(tmp_path, mailbox, mode), mode, MAILS[name], random.Random(7), LEAST_KILLS)
        facts = campaign.run()
    assert len(facts.accepted) >= MAILS[name]
    assert campaign.kills >= LEAST_KILLS
    assert broken(facts, mode.promise) == []
