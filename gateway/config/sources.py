"""Where settings come from: the TOML file, over it the environment, over that systemd's credentials."""

import json
import os
import tomllib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from pydantic import ValidationError

from gateway.config.errors import ConfigError, problems_of
from gateway.config.keys import Key, field_at, has_parts, keys, secrets, section_of
from gateway.config.settings import Settings

DEFAULT_PATH = Path("/etc/fax-gateway/config.toml")
# What StateDirectory= of the packaged unit makes; systemd tells it the daemon and nobody else.
PACKAGED_STATE = Path("/var/lib/fax-gateway")
PREFIX = "FAX_GATEWAY__"
VARIABLE = "FAX_GATEWAY_CONFIG"
NO_FILE = "built-in defaults"

Tables = dict[str, Any]


@dataclass(slots=True)
class Layer:
    """What one source sets, the name that it has in errors for each key, and what is wrong with it."""

    name: str
    tables: Tables = field(default_factory=dict)
    origins: dict[Key, str] = field(default_factory=dict)
    problems: list[str] = field(default_factory=list)


def find_config(option: Path | None, environ: Mapping[str, str]) -> Path | None:
    """``--config``, else $FAX_GATEWAY_CONFIG, else /etc/fax-gateway/config.toml; None: there is none, defaults count.

    Raises ConfigError for a named file that isn't there.
    """
    named = option or (Path(environ[VARIABLE]) if environ.get(VARIABLE) else None)
    if named is None:
        return DEFAULT_PATH if _is_there(DEFAULT_PATH) else None
    if not _is_there(named):
        source = "--config" if option is not None else VARIABLE
        what = f"{named} is a directory, not a file" if named.is_dir() else f"there is no file {named}"
        raise ConfigError([f"{source}: {what}"])
    return named


def _is_there(path: Path) -> bool:
    try:
        return path.is_file()
    except PermissionError:  # reading it will say so; the defaults would be a surprise
        return True


def load_settings(path: Path | None, environ: Mapping[str, str], credentials: Path | None) -> Settings:
    """The checked settings; raises ConfigError with every problem. `credentials`: $CREDENTIALS_DIRECTORY.

    Relative paths in them are below the configuration file's directory, database.content_dir below $STATE_DIRECTORY.
    """
    return settings_of(read_layers(path, environ, credentials), path, environ)


def read_layers(path: Path | None, environ: Mapping[str, str], credentials: Path | None) -> list[Layer]:
    """What each source sets; the later one wins."""
    layers = [_from_file(path), _from_environment(environ), _from_credentials(credentials)]
    for layer in layers[:2]:
        _read_secret_files(layer, _directory(path))
    return layers


def settings_of(layers: Sequence[Layer], path: Path | None, environ: Mapping[str, str]) -> Settings:
    """The layers over each other, checked; `path`: the configuration file."""
    tables: Tables = {}
    origins: dict[Key, str] = {}
    problems: list[str] = []
    for layer in layers:
        _merge(tables, layer.tables)
        origins |= layer.origins
        problems += layer.problems
    context = {"config_directory": _directory(path), "state_directory": state_directory(path, environ)}
    try:
        settings = Settings.model_validate(tables, context=context)
    except ValidationError as error:
        problems += [f"{_origin(key, origins, layers[0].name)}: {text}" for key, text in problems_of(error)]
        raise ConfigError(problems) from None
    if problems:
        raise ConfigError(problems)
    settings.remember(_origins(layers))
    return settings


def _origins(layers: Sequence[Layer]) -> dict[Key, str]:
    """By key; the profiles are one."""
    wanted = [*(key for key, _ in keys() if key[0] != "profile"), ("profile",)]
    found = ((key, origin_of(layers, key)) for key in wanted)
    return {key: origin for key, origin in found if origin is not None}


def origin_of(layers: Sequence[Layer], key: Key) -> str | None:
    """Which source has the last word about a key; None: none says anything, the default counts."""
    for layer in reversed(layers):
        table = _table(layer.tables, list(key[:-1]))
        if table is not None and key[-1] in table:
            return _origin(key, layer.origins, layer.name)
    return None


def _directory(path: Path | None) -> Path:
    return path.parent if path is not None else Path()


def spool_path(settings: Settings, config: Path | None, environ: Mapping[str, str]) -> Path | None:
    """Where a SQLite spool lies, a relative path below ``state_directory``; None: it is another kind of database."""
    kind, _, path = settings.database.url.partition(":///")
    if kind != "sqlite":
        return None
    there = (state_directory(config, environ) / path).absolute()
    # A daemon without systemd may have made it before there was a packaged directory: it must not begin anew.
    beside = (_directory(config) / path).absolute()
    is_told = bool(environ.get("STATE_DIRECTORY"))
    return beside if not is_told and os.path.exists(beside) and not os.path.exists(there) else there  # noqa: PTH110 - no file where nobody may look


def state_directory(config: Path | None, environ: Mapping[str, str]) -> Path:
    """$STATE_DIRECTORY, of which there may be several (systemd.exec(5)), else where the configuration file lies.

    A command has no such variable: with the packaged daemon's configuration it takes that daemon's directory.
    """
    state = environ.get("STATE_DIRECTORY", "").partition(":")[0]
    if state:
        return Path(state)
    if config is not None and config.absolute() == DEFAULT_PATH and PACKAGED_STATE.is_dir():
        return PACKAGED_STATE
    return _directory(config)


def _from_file(path: Path | None) -> Layer:
    if path is None:
        return Layer(NO_FILE)
    try:
        # An editor on Windows may put a byte order mark before the first line.
        return Layer(str(path), tomllib.loads(path.read_text(encoding="utf-8-sig")))
    except OSError as error:
        raise ConfigError([f"{path}: {error.strerror}"]) from None
    except (UnicodeDecodeError, tomllib.TOMLDecodeError) as error:
        raise ConfigError([f"{path}: this is no TOML: {error}"]) from None


def _from_environment(environ: Mapping[str, str]) -> Layer:
    layer = Layer("the environment")
    # A table comes before the keys in it, whatever order the environment has.
    for variable in sorted(each for each in environ if each.startswith(PREFIX)):
        key = tuple(variable.removeprefix(PREFIX).lower().split("__"))
        layer.origins[key] = variable
        holder = field_at(key[:-1]) if len(key) > 1 else None
        if holder is not None and not has_parts(holder):
            layer.problems.append(f"{variable}: {'.'.join(key[:-1])} has no keys")
            continue
        try:
            value = _from_text(key, environ[variable])
        except ValueError as error:
            layer.problems.append(f"{variable}: {error}")
            continue
        if not _put(layer.tables, key, value):
            layer.problems.append(f"{variable}: another variable sets {'.'.join(key[:-1])}, and not to a table")
    return layer


def _from_text(key: Key, text: str) -> object:
    """A text as the TOML value that the key takes; what the key doesn't take stays a text, which the model refuses."""
    target = field_at(key)
    parts = target is not None and has_parts(target)
    if target is None or not (parts or target.annotation in (int, bool)):
        return text
    try:
        return json.loads(text)
    except ValueError as error:
        if parts:  # the error has the position, and nothing of the text
            raise ValueError(f"{'.'.join(key)} is a list or a table: write it as JSON ({error})") from None
        return text


def _from_credentials(directory: Path | None) -> Layer:
    """systemd.exec(5), LoadCredential=: a file named ``section.x`` holds the secret ``x`` of that section."""
    layer = Layer("credential")
    for key in secrets() if directory is not None else ():
        assert directory is not None
        path = directory / ".".join(key)
        try:
            if path.is_file():
                _put(layer.tables, key, _first_line(path))
                layer.origins[key] = f"credential {path.name}"
        except (OSError, ValueError) as error:
            layer.problems.append(f"credential {path.name}: {_why(error)}")
    return layer


def _read_secret_files(layer: Layer, directory: Path) -> None:
    """``x_file`` names the file that holds the secret ``x``; a relative path is beside the configuration file."""
    for *section, name in secrets():
        table = _table(layer.tables, section)
        named = table.pop(f"{name}_file", "") if table is not None else ""
        if table is None or named == "":
            continue
        dotted = ".".join((*section, f"{name}_file"))
        origin = _origin((*section, f"{name}_file"), layer.origins, layer.name)
        if not isinstance(named, str):
            layer.problems.append(f'{origin}: {dotted}: write a path: "/..."')
        elif table.get(name):
            layer.problems.append(f"{origin}: {dotted}: {'.'.join((*section, name))} is set too; set one of them")
        else:
            try:
                table[name] = _first_line(directory / named)
                layer.origins[*section, name] = f"{origin}: {dotted}"
            except (OSError, ValueError) as error:
                layer.problems.append(f'{origin}: {dotted} = "{named}": {_why(error)}')


def _first_line(path: Path) -> str:
    line = path.read_text(encoding="utf-8").partition("\n")[0].rstrip("\r")
    if not line:
        raise ValueError("its first line is empty")
    return line


def _why(error: OSError | ValueError) -> str:
    match error:
        case OSError():
            return str(error.strerror)
        case UnicodeDecodeError():  # its text has the secret's bytes in it
            return "is not UTF-8"
        case _:
            return str(error)


def _origin(key: Key, origins: Mapping[Key, str], otherwise: str) -> str:
    """The variable that set a key, or a table that it is in, or that made a table that there isn't; else the file."""
    above = [key[:length] for length in range(len(key), 0, -1)]
    below = [each for each in origins if each[: len(key)] == key] if key and field_at(key) is None else []
    return next((origins[each] for each in (*above, *below) if each in origins), otherwise)


def _put(tables: Tables, key: Key, value: object) -> bool:
    """False where something above the key is no table."""
    table: Any = tables
    for step in key[:-1]:
        table = table.setdefault(step, {})
        if not isinstance(table, dict):
            return False
    table[key[-1]] = value
    return True


def _merge(below: Tables, above: Tables, section: Key = ()) -> None:
    """Lays `above` over `below`: sections key by key, a value as a whole, though it may be a table."""
    for name, value in above.items():
        mine, target = below.get(name), field_at((*section, name))
        if target is not None and section_of(target) and isinstance(value, dict) and isinstance(mine, dict):
            _merge(mine, value, (*section, name))
        else:
            below[name] = value


def _table(tables: Tables, section: list[str]) -> Tables | None:
    table: Any = tables
    for step in section:
        table = table.get(step) if isinstance(table, dict) else None
    return table if isinstance(table, dict) else None
