"""Whom an event names as the one who typed the command."""

import getpass

import pytest

from gateway.cli.operator import operator


def test_it_is_who_is_logged_in() -> None:
    assert operator({}) == getpass.getuser()


def test_under_sudo_it_is_who_asked_for_it() -> None:
    assert operator({"SUDO_USER": "jana"}) == "jana"


def test_a_long_name_fits_into_the_spool() -> None:
    assert len(operator({"SUDO_USER": "j" * 100})) == 64


def test_a_user_without_a_name_has_a_number(monkeypatch: pytest.MonkeyPatch) -> None:
    def nameless() -> str:
        raise OSError("no username set in the environment")

    monkeypatch.setattr(getpass, "getuser", nameless)
    assert operator({}).startswith("uid ")
