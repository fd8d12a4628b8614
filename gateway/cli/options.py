"""Options that several commands take, and what they load."""

import os
from collections.abc import Sequence
from dataclasses import dataclass
from importlib.util import find_spec
from pathlib import Path
from typing import Annotated

import typer

from gateway.cli.exits import Exit
from gateway.config import ConfigError, Settings, find_config, spool_path, state_directory
from gateway.config.sources import Layer, read_layers, settings_of
from gateway.spool.place import Place, Server

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
    spool: Place
    layers: Sequence[Layer]
    path: Path | None  # the configuration file

    def read_again(self) -> Settings:
        """From the same places, for a daemon that runs; raises ConfigError, for a file that has gone too."""
        return settings_of(_layers(self.path), self.path, os.environ)


def load(context: typer.Context, config: Path | None) -> Loaded:
    """The settings of this call; ends the command with the reason where they are wrong."""
    try:
        return _loaded(_found(context, config))
    except ConfigError as error:
        typer.echo(str(error), err=True)
        raise typer.Exit(Exit.CONFIG) from error


def config_path(context: typer.Context, config: Path | None) -> Path | None:
    """The configuration file of this call, unread; ends the command where the one that was named isn't there."""
    try:
        return _found(context, config)
    except ConfigError as error:
        typer.echo(str(error), err=True)
        raise typer.Exit(Exit.CONFIG) from error


def _found(context: typer.Context, config: Path | None) -> Path | None:
    chosen = context.find_object(Chosen)
    return find_config(config or (chosen.config if chosen is not None else None), os.environ)


def _loaded(path: Path | None) -> Loaded:
    layers = _layers(path)
    settings = settings_of(layers, path, os.environ)
    return Loaded(settings, _place(settings, path), layers, path)


def _place(settings: Settings, path: Path | None) -> Place:
    """Raises ConfigError where what is needed for that kind of database isn't installed."""
    file = spool_path(settings, path, os.environ)
    if file is not None:
        return file
    if find_spec("psycopg") is None:
        raise ConfigError(['database.url: PostgreSQL needs psycopg: pip install "fax-gateway[postgresql]"'])
    return Server(settings.database.url, state_directory(path, os.environ).absolute())


def _layers(path: Path | None) -> list[Layer]:
    credentials = os.environ.get("CREDENTIALS_DIRECTORY")
    return read_layers(path, os.environ, Path(credentials) if credentials else None)
