"""The example file says what is so: every key is in it, and what stands there is accepted."""

import tomllib

from gateway.config import Settings
from gateway.config.example import example
from gateway.config.keys import keys


def test_as_it_stands_it_changes_nothing() -> None:
    assert Settings.model_validate(tomllib.loads(example())) == Settings()


def test_every_key_is_in_it_as_it_may_be_written() -> None:
    """Each by itself: examples needn't go together."""
    missing = {".".join(key) for key, _ in keys()}
    section = ""
    for line in example().splitlines():
        if line.startswith(("[", "#[[")):
            section = line.strip("#[]")
        elif line.startswith("#") and not line.startswith("# "):
            name, _, value = line.removeprefix("#").partition(" = ")
            tomllib.loads(f"{name} = {value}")
            missing -= {each for each in missing if f"{each}.".startswith(f"{section}.{name}.".removeprefix("."))}
    assert missing == set()
