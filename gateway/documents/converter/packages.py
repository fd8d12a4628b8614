"""Where Python and our packages are: whatever a process that opens strangers' documents imports from, it may read."""

import sys
from pathlib import Path

import gateway


def packages() -> list[str]:
    """Never the directory that the daemon was started in, which `python -m` puts on the path: it may be the spool's."""
    ours = (Path(sys.prefix), Path(sys.base_prefix))
    own = Path(gateway.__file__).resolve().parent.parent
    places = [Path(each).resolve() for each in sys.path if each]
    return [str(place) for place in places if place == own or any(place.is_relative_to(each) for each in ours)]
