"""Where the daemon's control socket is: for the daemon, and for commands that look for it."""

import os
from collections.abc import Mapping
from pathlib import Path

from gateway.config.errors import ConfigError
from gateway.config.settings import Settings
from gateway.config.sources import DEFAULT_PATH, read_layers

NAME = "control.sock"
# What RuntimeDirectory= of the packaged unit makes; systemd tells it the daemon and nobody else.
PACKAGED_DIRECTORY = Path("/run/fax-gateway")


def control_socket(settings: Settings, config: Path | None, environ: Mapping[str, str]) -> Path:
    """The daemon's: control.socket, else in $RUNTIME_DIRECTORY, else beside the configuration file."""
    if settings.control.socket is not None:
        return settings.control.socket.absolute()
    return _usual(config, environ)[0]


def control_places(config: Path | None, environ: Mapping[str, str]) -> list[Path]:
    """Where a command looks, in this order.

    It reads of the configuration no more than control.socket: a member of the socket's group need not be able to read
    the secrets in it, and a mistake in it must not keep anybody from the daemon that runs with an older one.

    Without a configuration it looks in the working directory, but not in a stranger's: who listens there would be told
    passwords.
    """
    named = _named(config, environ)
    if named is not None:
        return [named]
    places = _usual(config, environ)
    if config is None and Path.cwd().stat().st_uid not in (0, os.geteuid()):
        places.pop()
    if config is not None and config.absolute() == DEFAULT_PATH:
        places.insert(-1, PACKAGED_DIRECTORY / NAME)  # before /etc/fax-gateway, which strangers may not look into
    return places


def _usual(config: Path | None, environ: Mapping[str, str]) -> list[Path]:
    beside = _directory(config) / NAME
    # systemd.exec(5), RuntimeDirectory=: several are separated by colons.
    runtime = environ.get("RUNTIME_DIRECTORY", "").partition(":")[0]
    return [Path(runtime) / NAME, beside] if runtime else [beside]


def _named(config: Path | None, environ: Mapping[str, str]) -> Path | None:
    try:
        layers = read_layers(config, environ, None)
    except ConfigError:
        return None
    for layer in reversed(layers):
        section = layer.tables.get("control")
        if isinstance(section, dict) and "socket" in section:
            socket = section["socket"]
            return _directory(config) / socket if isinstance(socket, str) and socket else None
    return None


def _directory(config: Path | None) -> Path:
    return (config.parent if config is not None else Path()).absolute()
