"""A demo that stays up: at the ports that the documentation names, with lines to copy that hold as they stand."""

import shlex
import socket
import sys
from dataclasses import dataclass
from pathlib import Path

from gateway.cli.demo.sample import RECIPIENT, SENDER

CONFIG = "config.toml"


@dataclass(frozen=True, slots=True)
class Ports:
    """0: any free one."""

    smtp: int = 0
    web: int = 0
    sandbox: int = 0


def documented_ports() -> Ports:
    """Where somebody has one of them already, any other one."""
    return Ports(smtp=_free(8025), web=_free(8080), sandbox=_free(9100))


def how_to_go_on(ports: Ports, sandbox: str, directory: Path, offer: Path) -> str:
    """`sandbox`: its base URL; `offer`: a PDF to send."""
    server, command = f"127.0.0.1:{ports.smtp}", f"{_command()} --config {directory / CONFIG}"
    swaks = (
        f"swaks --server {server} --from {SENDER} --to 00{RECIPIENT[1:]} --header 'Subject: Hello' "
        f"--body 'A fax by swaks' --attach-type application/pdf --attach @{offer}"
    )
    curl = (
        f"curl smtp://{server} --mail-from {SENDER} --mail-rcpt {RECIPIENT} -H 'Subject: Hello' "
        f"-F '=A fax by curl;type=text/plain' -F 'file=@{offer};type=application/pdf;encoder=base64'"
    )
    lines = [
        "",
        "Send the next one (Ctrl-C ends the demo):",
        f"  {swaks}",
        f"  {curl}",
        "",
        "What became of them:",
        f"  {command} jobs list",
        f"  all faxes, page by page: {sandbox}/",
    ]
    if ports.web:
        lines += [f"  {command} users add jana --role admin; then the dashboard: http://127.0.0.1:{ports.web}/"]
    return "\n".join([*lines, ""])


def _command() -> str:
    """As it was called, where that can be called again."""
    called = Path(sys.argv[0])
    return shlex.quote(str(called)) if called.name == "fax-gateway" else "fax-gateway"


def _free(port: int) -> int:
    with socket.socket() as tried:
        tried.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            tried.bind(("127.0.0.1", port))
        except OSError:
            return 0
    return port
