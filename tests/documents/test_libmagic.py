"""The system's libmagic where there is one, pylibmagic's where there is none."""

import subprocess
import sys

from gateway.documents.libmagic import libmagic

# A process in which python-magic finds no libmagic of the system, as on a bare Debian.
WITHOUT_THE_SYSTEMS = """
import ctypes, ctypes.util, pathlib
ctypes.util.find_library = lambda name: None
load = ctypes.CDLL.__init__
def refuse_the_systems(self, name, *arguments, **keywords):
    if name == "libmagic.so.1":
        raise OSError("not there")
    load(self, name, *arguments, **keywords)
ctypes.CDLL.__init__ = refuse_the_systems
from gateway.documents.libmagic import libmagic
found = libmagic()
print(found.origin, found.version, found.type_of(b"%PDF-1.7"), found.type_of(b"II*\\0" + bytes(60)))
"""


def test_the_one_that_is_there_knows_a_pdf() -> None:
    found = libmagic()
    assert found.version >= 540
    assert found.origin in {"system", "pylibmagic"}
    assert found.type_of(b"%PDF-1.7\n") == "application/pdf"


def test_without_the_systems_that_of_pypi_is_used() -> None:
    done = subprocess.run(
        [sys.executable, "-c", WITHOUT_THE_SYSTEMS], capture_output=True, text=True, timeout=60, check=False
    )
    assert done.returncode == 0, done.stderr
    origin, version, pdf, tiff = done.stdout.split()
    assert (origin, pdf, tiff) == ("pylibmagic", "application/pdf", "image/tiff")
    assert int(version) >= 540
