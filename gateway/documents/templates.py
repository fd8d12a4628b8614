"""Where the bundled templates lie: cover pages, DSN texts, web pages.

A checkout has them in `templates/` beside the package, an installed wheel inside the package as `gateway/_templates`
(pyproject.toml, force-include). An editable install is a checkout.
"""

from pathlib import Path

import gateway

_PACKAGE = Path(gateway.__file__).resolve().parent


class TemplatesMissingError(Exception):
    """The installation has no templates: a broken wheel, or a package copied without them."""

    def __init__(self, places: tuple[Path, ...]) -> None:
        looked = " and ".join(str(place) for place in places)
        super().__init__(f"the bundled templates are missing (looked in {looked}): install fax-gateway anew")


def bundled_templates(package: Path = _PACKAGE) -> Path:
    """The directory that holds `cover/` and `dsn/`.

    `package` is the directory of the import package. The wheel's place comes first: beside an installed package lies
    site-packages, where a folder `templates` would be somebody else's.
    """
    places = (package / "_templates", package.parent / "templates")
    for place in places:
        if (place / "cover").is_dir():
            return place
    raise TemplatesMissingError(places)
