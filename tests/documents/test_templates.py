"""The bundled templates are found in a checkout and in an installed wheel."""

from pathlib import Path

import pytest

from gateway.documents.templates import TemplatesMissingError, bundled_templates


def test_this_installation_has_them() -> None:
    place = bundled_templates()
    assert (place / "cover").is_dir()
    assert (place / "dsn").is_dir()


def test_a_checkout_has_them_beside_the_package(tmp_path: Path) -> None:
    (tmp_path / "templates/cover").mkdir(parents=True)
    assert bundled_templates(tmp_path / "gateway") == tmp_path / "templates"


def test_a_wheel_has_them_inside_and_does_not_look_beside_itself(tmp_path: Path) -> None:
    (tmp_path / "templates/cover").mkdir(parents=True)  # another distribution's, in site-packages
    (tmp_path / "gateway/_templates/cover").mkdir(parents=True)
    assert bundled_templates(tmp_path / "gateway") == tmp_path / "gateway/_templates"


def test_a_broken_installation_is_named(tmp_path: Path) -> None:
    with pytest.raises(TemplatesMissingError, match="install fax-gateway anew"):
        bundled_templates(tmp_path / "gateway")
