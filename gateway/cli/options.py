"""Options that several commands take, and what they load."""

import os
from dataclasses import dataclass
from pathlib import Path
from typing import Annotated

import typer

from gateway.config import ConfigError, Settings, find_config, load_settings, spool_path

# sysexits.h: the configuration is wrong; systemd shows it as 78/CONFIG.
EX_CONFIG = 78

ConfigOption = Annotated[
    Path | None, typer.Option("--config", help="Configuration file; may stand before the command's name too.")
]


@dataclass(frozen=True, slots=True)
class Chosen:
    """What was chosen before the command's name."""

    config: Path | None = None


@dataclass(frozen=True, slots=True)
class Loaded:
    settings: Settings
    spool: Path


def load(context: typer.Context, config: Path | None) -> Loaded:
    """The settings of this call; ends the command with the reason where they are wrong."""
    chosen = context.find_object(Chosen)
    option = config or (chosen.config if chosen is not None else None)
    credentials = os.environ.get("CREDENTIALS_DIRECTORY")
    try:
        path = find_config(option, os.environ)
        settings = load_settings(path, os.environ, Path(credentials) if credentials else None)
        spool = spool_path(settings, path, os.environ)
    except ConfigError as error:
        typer.echo(str(error), err=True)
        raise typer.Exit(EX_CONFIG) from error
    return Loaded(settings, spool)
