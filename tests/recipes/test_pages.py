"""Every page of docs/connect, whether its peer can be had or not: what it has for our configuration holds."""

import re
import tomllib

import pytest

from gateway.config import Settings
from gateway.config.keys import keys
from gateway.daemon import wiring
from gateway.intake.envelope import Client, FaxRecipient
from gateway.intake.recipients import judge_recipient
from gateway.spool.forward_path import ForwardPath
from tests.recipes.page import DOCS, Page

NAMES = sorted(path.name for path in (DOCS / "connect").glob("*.md"))
CONFIG = "/etc/fax-gateway/config.toml"


@pytest.mark.parametrize("name", NAMES)
def test_what_goes_into_our_configuration_is_taken(name: str) -> None:
    for block in Page.read(f"connect/{name}").blocks:
        if block.language == "toml":
            assert block.path == CONFIG
            values = tomllib.loads(block.code)
            for section in values.values():  # files are read at the start
                for key in [key for key in section if isinstance(section, dict) and key.endswith("_file")]:
                    section[key.removesuffix("_file")] = section.pop(key)
            Settings.model_validate(values)


@pytest.mark.parametrize("name", NAMES)
def test_every_page_is_in_the_list_and_its_links_lead_somewhere(name: str) -> None:
    assert name == "README.md" or f"]({name})" in (DOCS / "connect/README.md").read_text()
    for target in Page.read(f"connect/{name}").links:
        assert (DOCS / "connect" / target).exists(), target


@pytest.mark.parametrize("name", ["security.md"])
def test_the_places_in_the_code_are_there(name: str) -> None:
    named = re.findall(r"`((?:gateway|tests|systemd)/[\w./-]+)`", Page.read(name).text)
    assert named
    for path in named:
        assert (DOCS.parent / path).exists(), path


def test_the_events_that_troubleshooting_names_are_said() -> None:
    """Each row leads to something that is really there: an event, a status of the service's, a key, a state."""
    text = Page.read("troubleshooting.md").text
    code = "".join(path.read_text("utf-8") for path in (DOCS.parent / "gateway").rglob("*.py"))
    named = set(re.findall(r"`((?:smtp|retarus|delivery|report)\.\w+)`", text))
    assert named <= {".".join(key) for key, _ in keys()}
    words = set(re.findall(r"`([a-z]+(?:_[a-z]+)+|[A-Z]+(?:_[A-Z]+)*)`", text))
    assert len(words) > 40
    assert [word for word in sorted(words) if f'"{word}"' not in code] == []


def test_exchanges_own_fax_addresses_are_faxes() -> None:
    page = Page.read("connect/exchange.md")
    settings = Settings.model_validate(tomllib.loads(page.file(CONFIG, "Exchange on your own servers")))
    (address,) = re.findall(r"IMCEAFAX-\S+@example\.com", page.text)
    recipient = judge_recipient(
        wiring.recipient_rules(settings),
        wiring.treatments(settings).of("jana@example.com"),
        Client(address=None, helo="mail1.example.com", trusted=True),
        ForwardPath(address=address),
        reverse_path="jana@example.com",
    )
    assert isinstance(recipient, FaxRecipient)
    assert recipient.number == "+4989123456"
