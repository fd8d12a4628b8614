"""LibreOffice headless: an office document in, a PDF out. Runs in a converter process that is used only once.

What keeps it from the network and from other people's files is the process's confinement (converter/confinement.py),
which its children inherit: nothing can be connected to, nothing but its own directory be written. The settings here are
the second line: no macros, no links followed, a proxy that nobody listens on.
"""

import hashlib
import os
import shutil
import subprocess
import time
from collections.abc import Callable, Iterator
from functools import cache
from pathlib import Path
from xml.sax.saxutils import escape

from gateway.documents.containers import SPREADSHEETS, OfficeFormat
from gateway.documents.finding import Fault, PaperFormat
from gateway.documents.sheets import printable

TRIES = 2  # it sometimes dies over its own profile
RUNS = 4 * TRIES  # at most for one document: a spreadsheet takes two steps, each step perhaps a start anew
SECONDS_EACH = 120.0  # of the wall clock, for one run
_PROGRAM = "soffice.bin"  # not its launcher, a shell script that starts it once more on its own
_COMMANDS = ("soffice", "libreoffice")
_DIRECTORIES = ("/usr/lib*/libreoffice", "/opt/libreoffice*", "/usr/local/lib*/libreoffice")
_START_ANEW = 81  # EXITHELPER_NORMAL_RESTART, desktop/inc/exithelper.h: a fresh profile has been set up
_POLL = 0.02  # seconds

NOT_INSTALLED = Fault("can't be faxed here: LibreOffice is not installed; send it as a PDF", "5.6.1")
FAILED = Fault("can't be converted: LibreOffice fails over it; send it as a PDF")
ENDLESS = Fault("can't be converted: LibreOffice takes too long for it; send it as a PDF")

# Numbers and dates as the readers of that paper write them; documents may leave that to their reader's program.
_LOCALES = {"A4": "de-DE", "LETTER": "en-US"}


@cache
def office_program() -> Path | None:
    """LibreOffice's, wherever it is installed; looked for once."""
    commands = (shutil.which(each) for each in _COMMANDS)
    beside = (Path(command).resolve().with_name(_PROGRAM) for command in commands if command is not None)
    installed = (path for each in _DIRECTORIES for path in sorted(Path("/").glob(f"{each[1:]}/program/{_PROGRAM}")))
    return next((path for path in (*beside, *installed) if path.is_file()), None)


def office_available() -> bool:
    """Whether office documents can be faxed here."""
    return office_program() is not None


def office_pdf(
    content: bytes,
    kind: OfficeFormat,
    paper: PaperFormat,
    program: Path,
    directory: Path,
    is_wanted: Callable[[], bool],
) -> bytes | Fault:
    """`directory` is its own, to be deleted by the caller. Ends early where `is_wanted` says no, with FAILED."""
    office = _Office(program, directory, paper, is_wanted)
    if kind not in SPREADSHEETS:
        return office.converted(content, kind, "pdf")
    flat = office.converted(content, kind, "fods")
    if isinstance(flat, Fault):
        return flat
    return office.converted(printable(flat, paper), "fods", "pdf")


def pipes_of(directory: Path) -> Iterator[Path]:
    """Where the runs in `directory` have listened for another LibreOffice; they may not take that away themselves.

    desktop/source/app/officeipcthread.cxx: named after the profile, whose MD5 is written without leading zeros.
    """
    for run in range(1, RUNS + 1):
        profile = _profile(directory, run).as_uri().encode("utf-16-le")
        digest = hashlib.md5(profile, usedforsecurity=False).digest()
        name = "".join(format(byte, "x") for byte in digest)
        yield from Path("/tmp").glob(f"OSL_PIPE_*SingleOfficeIPC_{name}")  # noqa: S108


def _profile(directory: Path, run: int) -> Path:
    return directory / f"profile-{run}"


class _Office:
    def __init__(self, program: Path, directory: Path, paper: PaperFormat, is_wanted: Callable[[], bool]) -> None:
        self._program = program
        self._directory = directory
        self._paper = paper
        self._is_wanted = is_wanted
        self._until = 0.0
        self._runs = 0

    def converted(self, content: bytes, ending: str, target: str) -> bytes | Fault:
        source = self._directory / f"document.{ending}"
        source.write_bytes(content)
        made = self._directory / f"made/document.{target}"
        for _ in range(TRIES):
            self._until = time.monotonic() + SECONDS_EACH
            profile = self._fresh_profile()
            code = self._run(profile, source, target)
            if code == _START_ANEW:
                self._run(self._moved(profile), source, target)
            if made.is_file():
                return made.read_bytes()
            if time.monotonic() >= self._until:
                return ENDLESS
            if not self._is_wanted():
                break
        return FAILED

    def _fresh_profile(self) -> Path:
        self._runs += 1
        profile = _profile(self._directory, self._runs)
        (profile / "user").mkdir(parents=True)
        (profile / "user/registrymodifications.xcu").write_text(_settings(self._paper), encoding="utf-8")
        return profile

    def _moved(self, profile: Path) -> Path:
        """Where it finds no trace of its first start, which it may not take away."""
        self._runs += 1
        return profile.rename(_profile(self._directory, self._runs))

    def _run(self, profile: Path, source: Path, target: str) -> int:
        """Its exit code."""
        place = os.fspath(self._directory)
        process = subprocess.Popen(  # noqa: S603 - LibreOffice itself
            [
                os.fspath(self._program),
                f"-env:UserInstallation={profile.as_uri()}",
                *("--headless", "--norestore", "--nologo", "--nodefault", "--nolockcheck", "--nofirststartwizard"),
                *("--convert-to", target, "--outdir", f"{place}/made", os.fspath(source)),
            ],
            stdin=subprocess.DEVNULL,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
            cwd=place,
            env={"HOME": place, "TMPDIR": place, "LANG": "C.UTF-8", "SAL_USE_VCLPLUGIN": "svp"},  # draws into memory
        )
        while process.poll() is None and time.monotonic() < self._until and self._is_wanted():
            time.sleep(_POLL)
        process.kill()  # what it has started goes with this process's group
        return process.wait()


def _settings(paper: PaperFormat) -> str:
    """registrymodifications.xcu of a fresh profile."""
    values = (
        ("Common/Security/Scripting", "DisableMacrosExecution", "true"),
        ("Common/Security/Scripting", "MacroSecurityLevel", "3"),
        ("Common/Security/Scripting", "BlockUntrustedRefererLinks", "true"),
        ("Common/Save/Document", "WarnAlienFormat", "false"),
        ("Common/Misc", "FirstRun", "false"),
        ("Writer/Content/Update", "Link", "0"),  # never
        ("Writer/Content/Update", "Field", "false"),
        ("Calc/Content/Update", "Link", "1"),  # never
        ("Calc/Formula/Load", "OOXMLRecalcMode", "1"),  # never: what its sender saw
        ("Calc/Formula/Load", "ODFRecalcMode", "1"),
        ("Java/VirtualMachine", "Enable", "false"),
    )
    items = [(f"/org.openoffice.Office.{path}", name, value) for path, name, value in values]
    nobody = "127.0.0.1"
    items += [("/org.openoffice.Inet/Settings", "ooInetProxyType", "2")]
    for protocol in ("HTTP", "HTTPS", "FTP"):
        items += [("/org.openoffice.Inet/Settings", f"ooInet{protocol}ProxyName", nobody)]
        items += [("/org.openoffice.Inet/Settings", f"ooInet{protocol}ProxyPort", "9")]
    items += [("/org.openoffice.Setup/L10N", "ooSetupSystemLocale", _LOCALES[paper])]
    lines = "".join(
        f'<item oor:path="{escape(path)}"><prop oor:name="{name}" oor:op="fuse"><value>{value}</value></prop></item>\n'
        for path, name, value in items
    )
    return (
        '<?xml version="1.0" encoding="UTF-8"?>\n<oor:items xmlns:oor="http://openoffice.org/2001/registry" '
        f'xmlns:xs="http://www.w3.org/2001/XMLSchema">\n{lines}</oor:items>\n'
    )
