"""Commands as other users of the machine type them; only root can play that.

``python -m tests.living.users`` reads who types what, a JSON object a line, and answers so. It has imported the
commands once; each runs in a child of it, which costs a tenth of a process of its own.

Other users may not be able to read this Python. So all that the commands import is imported by root before.
"""

import json
import os
import subprocess
import sys
import tempfile
import traceback
from contextlib import redirect_stderr, redirect_stdout, suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Self

import pytest

from gateway.cli import main


@dataclass(frozen=True)
class User:
    """Of nobody's machine: an id without a name."""

    uid: int
    gid: int
    groups: tuple[int, ...] = ()


ROOT = User(0, 0)


@dataclass(frozen=True)
class Typed:
    status: int
    out: str
    err: str


class Terminals:
    """A context; skips where the tests don't run as root."""

    def __enter__(self) -> Self:
        if os.geteuid() != 0:
            pytest.skip("only root can be other users")
        command = [sys.executable, "-m", "tests.living.users"]
        self._process = subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)
        return self

    def __exit__(self, *_: object) -> None:
        self._process.communicate()

    def __call__(self, user: User, *words: str, typed: str = "", environ: dict[str, str] | None = None) -> Typed:
        asked = {"user": vars(user), "words": words, "typed": typed, "environ": environ or {}}
        assert self._process.stdin is not None
        assert self._process.stdout is not None
        self._process.stdin.write(json.dumps(asked) + "\n")
        self._process.stdin.flush()
        return Typed(**json.loads(self._process.stdout.readline()))


def _typed(asked: dict[str, Any]) -> Typed:
    with tempfile.TemporaryFile() as given, tempfile.TemporaryFile() as out, tempfile.TemporaryFile() as err:
        given.write(asked["typed"].encode())
        given.seek(0)
        child = os.fork()
        if child == 0:
            for number, file in enumerate((given, out, err)):
                os.dup2(file.fileno(), number)
            _become(asked)
            sys.argv = ["fax-gateway", *asked["words"]]
            status: object = 70  # EX_SOFTWARE
            try:
                main()
            except SystemExit as end:
                status = end.code or 0
            except Exception:  # noqa: BLE001 - shown, as Python would
                traceback.print_exc()
            finally:
                sys.stdout.flush()
                sys.stderr.flush()
                os._exit(status if isinstance(status, int) else 1)
        _, waited = os.waitpid(child, 0)
        out.seek(0)
        err.seek(0)
        return Typed(os.waitstatus_to_exitcode(waited), out.read().decode(), err.read().decode())


def _become(asked: dict[str, Any]) -> None:
    for name in ("SUDO_USER", "LOGNAME", "USER", "LNAME", "USERNAME"):
        os.environ.pop(name, None)
    os.environ |= asked["environ"]
    user = asked["user"]
    os.setgroups(user["groups"])
    os.setresgid(user["gid"], user["gid"], user["gid"])
    os.setresuid(user["uid"], user["uid"], user["uid"])


def _warm_up() -> None:
    """What the commands import on their way, where there is nothing and nobody."""
    with tempfile.TemporaryDirectory() as name, Path(os.devnull).open("w") as nowhere:
        (Path(name) / "config.toml").write_text('[notify]\nsmarthost = "127.0.0.1:9"\n')
        with redirect_stdout(nowhere), redirect_stderr(nowhere):
            for words in (("users", "list"), ("jobs", "list"), ("pause",), ("check",)):
                sys.argv = ["fax-gateway", *words, "--config", f"{name}/config.toml"]
                with suppress(SystemExit):
                    main()


if __name__ == "__main__":
    _warm_up()
    for line in sys.stdin:
        sys.stdout.write(json.dumps(vars(_typed(json.loads(line)))) + "\n")
        sys.stdout.flush()
