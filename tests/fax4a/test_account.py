"""Where jobs go and where their reports lie (Fax4A, Regions)."""

from typing import Any

import pytest

from gateway.fax4a import Account, AccountFault, account_for


def make(**where: Any) -> Account:
    return account_for(customer_number="99999", username="u", password="secret-word", **where)


@pytest.mark.parametrize(
    ("region", "send_host", "datacenters"),
    [
        ("de", "faxws-ha.de", ["de1", "de2"]),
        ("us", "faxws-ha.us", ["us1", "us2"]),
        ("ch", "faxws.ch1", ["ch1"]),
        ("sg", "faxws.sg1", ["sg1"]),
    ],
)
def test_regions(region: str, send_host: str, datacenters: list[str]) -> None:
    account = make(region=region)
    assert account.send_url == f"https://{send_host}.retarus.com/rest/v1"
    assert dict(account.datacenters) == {each: f"https://faxws.{each}.retarus.com/rest/v1" for each in datacenters}


def test_urls_by_hand_win_over_the_region() -> None:
    account = make(
        region="de",
        ha_url="http://127.0.0.1:9100/ha/rest/v1/",
        datacenter_urls={"dc1": "http://127.0.0.1:9100/dc1/rest/v1"},
    )
    assert account.send_url == "http://127.0.0.1:9100/ha/rest/v1"
    assert list(account.datacenters) == ["dc1"]


def test_without_ha_jobs_go_to_the_data_centre() -> None:
    assert make(datacenter_urls={"dc": "https://fax.example.com/rest/v1"}).send_url == "https://fax.example.com/rest/v1"


@pytest.mark.parametrize(
    ("where", "words"),
    [
        ({"region": "fr"}, "retarus.region.*fr.*de, us, ch, sg"),
        ({}, "retarus.region"),
        ({"ha_url": "https://fax.example.com/rest/v1"}, "datacenter_urls"),
        ({"datacenter_urls": {"x": "ftp://fax.example.com/rest/v1"}}, "datacenter_urls.x"),
        ({"datacenter_urls": {"x": "https://fax.example.com/v1"}}, "/rest/v1"),
        ({"datacenter_urls": {"x": "https://u:p@fax.example.com/rest/v1"}}, "without login"),
    ],
)
def test_contradictions_name_the_key(where: dict[str, Any], words: str) -> None:
    with pytest.raises(AccountFault, match=words):
        make(**where)


HA = "https://faxws-ha.de.retarus.com/rest/v1"
DE1, DE2 = (f"https://faxws.{each}.retarus.com/rest/v1" for each in ("de1", "de2"))


@pytest.mark.parametrize(
    ("datacenters", "words"),
    [
        ({"ha": HA}, f"datacenter_urls.ha is an HA URL.*{DE1}, {DE2}"),
        ({"de1": DE1}, f"lacks {DE2}"),
    ],
)
def test_urls_at_which_no_report_would_be_seen_are_refused(datacenters: dict[str, str], words: str) -> None:
    """The seed's first row of trouble: "ensure you're querying both data center URLs, not just the HA URL"."""
    with pytest.raises(AccountFault, match=words):
        make(ha_url=HA, datacenter_urls=datacenters)
    assert make(ha_url=HA, datacenter_urls={"de1": DE1, "de2": DE2}).send_url == HA


def test_the_password_is_not_shown() -> None:
    assert "secret-word" not in repr(make(region="de"))
