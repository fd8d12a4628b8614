"""Options that several commands take, and what they load."""

import os
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Annotated

import typer

from gateway.config import ConfigError, Settings, find_config, spool_path
from gateway.config.sources import Layer, read_layers, settings_of

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
    """`layers`: what each source has set of the settings."""

    settings: Settings
    spool: Path
    layers: Sequence[Layer]


def load(context: typer.Context, config: Path | None) -> Loaded:
    """The settings of this call; ends the command with the reason where they are wrong."""
    try:
        return read(context, config)
    except ConfigError as error:
        typer.echo(str(error), err=True)
        raise typer.Exit(EX_CONFIG) from error


def read(context: typer.Context, config: Path | None) -> Loaded:
    """As `load`, for who goes on without them: raises ConfigError."""
    chosen = context.find_object(Chosen)
    option = config or (chosen.config if chosen is not None else None)
    credentials = os.environ.get("CREDENTIALS_DIRECTORY")
    path = find_config(option, os.environ)
    layers = read_layers(path, os.environ, Path(credentials) if credentials else None)
    settings = settings_of(layers, path, os.environ)
    return Loaded(settings, spool_path(settings, path, os.environ), layers)
