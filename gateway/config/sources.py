"""Where settings come from: the TOML file, over it the environment, over that secrets from files and credentials."""

import json
import tomllib
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any, get_args

from pydantic import BaseModel, SecretStr, ValidationError
from pydantic.fields import FieldInfo

from gateway.config.errors import ConfigError, problems_of
from gateway.config.settings import Settings

DEFAULT_PATH = Path("/etc/fax-gateway/config.toml")
PREFIX = "FAX_GATEWAY__"
VARIABLE = "FAX_GATEWAY_CONFIG"


def find_config(option: Path | None, environ: Mapping[str, str]) -> Path | None:
    """``--config``, else $FAX_GATEWAY_CONFIG, else /etc/fax-gateway/config.toml; None: there is none, defaults count.

    Raises ConfigError for a named file that isn't there.
    """
    named = option or (Path(environ[VARIABLE]) if environ.get(VARIABLE) else None)
    if named is None:
        return DEFAULT_PATH if DEFAULT_PATH.exists() else None
    if not named.is_file():
        source = "--config" if option is not None else VARIABLE
        raise ConfigError([f"there is no file {named}"], source)
    return named


def load_settings(path: Path | None, environ: Mapping[str, str], credentials: Path | None) -> Settings:
    """The checked settings; raises ConfigError with every problem. `credentials`: $CREDENTIALS_DIRECTORY."""
    source = str(path) if path is not None else "built-in defaults and environment"
    tables = _read_toml(path) if path is not None else {}
    problems = _merge_environment(tables, environ)
    problems += _merge_secret_files(tables, path)
    problems += _merge_credentials(tables, credentials)
    try:
        settings = Settings.model_validate(tables)
    except ValidationError as error:
        raise ConfigError([*problems, *problems_of(error, all_keys())], source) from None
    if problems:
        raise ConfigError(problems, source)
    return settings


def spool_path(settings: Settings, config: Path | None, environ: Mapping[str, str]) -> Path:
    """Where the SQLite spool lies; a relative path is below $STATE_DIRECTORY, else beside the configuration file."""
    _, _, path = settings.database.url.partition("sqlite:///")
    if not path:
        raise ConfigError(
            [f"database.url = {settings.database.url.split(':')[0]}: not supported yet; use sqlite:///"], ""
        )
    state = environ.get("STATE_DIRECTORY", "").partition(":")[0]
    base = Path(state) if state else (config.parent if config is not None else Path())
    return (base / path).absolute()


def all_keys() -> list[str]:
    """Every key as a dotted path, without those of the profiles."""
    return [".".join(key) for key, _ in _keys(Settings)]


def _keys(model: type[BaseModel], above: tuple[str, ...] = ()) -> Iterator[tuple[tuple[str, ...], FieldInfo]]:
    for name, field in model.model_fields.items():
        section = field.annotation
        if isinstance(section, type) and issubclass(section, BaseModel):
            yield from _keys(section, (*above, name))
        else:
            yield (*above, name), field


def _texts() -> set[tuple[str, ...]]:
    """Keys whose value is a text, whatever JSON it may look like."""
    return {key for key, field in _keys(Settings) if {str, SecretStr} & {field.annotation, *get_args(field.annotation)}}


def _secrets() -> list[tuple[str, ...]]:
    return [key for key, field in _keys(Settings) if SecretStr in (field.annotation, *get_args(field.annotation))]


def _read_toml(path: Path) -> dict[str, Any]:
    try:
        return tomllib.loads(path.read_text(encoding="utf-8"))
    except (OSError, UnicodeDecodeError, tomllib.TOMLDecodeError) as error:
        raise ConfigError([str(error)], str(path)) from None


def _merge_environment(tables: dict[str, Any], environ: Mapping[str, str]) -> list[str]:
    problems = []
    texts = _texts()
    for variable, text in environ.items():
        if not variable.startswith(PREFIX):
            continue
        key = tuple(variable.removeprefix(PREFIX).lower().split("__"))
        if not _put(tables, key, text if key in texts else _value(text)):
            problems.append(f"{variable}: the file has a value where the variable needs a table")
    return problems


def _value(text: str) -> object:
    """Lists and tables as JSON; the model reads numbers and booleans from texts."""
    if not text.lstrip().startswith(("[", "{")):
        return text
    try:
        return json.loads(text)
    except ValueError:
        return text


def _merge_secret_files(tables: dict[str, Any], config: Path | None) -> list[str]:
    """``x_file`` names the file that holds the secret ``x``; a relative path is beside the configuration file."""
    problems = []
    for *section, name in _secrets():
        table = _table(tables, tuple(section))
        named = table.pop(f"{name}_file", None) if table is not None else None
        if not isinstance(named, str) or table is None:
            continue
        path = (config.parent if config is not None else Path()) / named
        try:
            table[name] = _first_line(path)
        except OSError as error:
            problems.append(f"{'.'.join((*section, name))}_file = {named!r}: {error.strerror}")
    return problems


def _merge_credentials(tables: dict[str, Any], credentials: Path | None) -> list[str]:
    """systemd.exec(5), LoadCredential=: a file named ``section.x`` holds the secret ``x`` of that section."""
    if credentials is None:
        return []
    problems = []
    for key in _secrets():
        path = credentials / ".".join(key)
        try:
            if path.is_file():
                _put(tables, key, _first_line(path))
        except OSError as error:
            problems.append(f"credential {path.name}: {error.strerror}")
    return problems


def _first_line(path: Path) -> str:
    return path.read_text(encoding="utf-8").partition("\n")[0].rstrip("\r")


def _put(tables: dict[str, Any], key: tuple[str, ...], value: object) -> bool:
    table: Any = tables
    for step in key[:-1]:
        table = table.setdefault(step, {})
        if not isinstance(table, dict):
            return False
    table[key[-1]] = value
    return True


def _table(tables: dict[str, Any], section: tuple[str, ...]) -> dict[str, Any] | None:
    table: Any = tables
    for step in section:
        table = table.get(step) if isinstance(table, dict) else None
    return table if isinstance(table, dict) else None
