"""Keys that are read and checked, but whose feature isn't there yet; a line at start names those that were set."""

from gateway.config.changes import changed_keys
from gateway.config.profile import written_keys
from gateway.config.settings import Settings

# Dotted keys; a section's name stands for all its keys.
NO_EFFECT_YET: frozenset[str] = frozenset({})


def is_pending(key: str) -> bool:
    """Whether `key`, a dotted path without a profile's number, or a section that it is in has no effect yet."""
    steps = key.split(".")
    return any(".".join(steps[:length]) in NO_EFFECT_YET for length in range(1, len(steps) + 1))


def pending_keys(settings: Settings) -> list[str]:
    """Those of them that differ from their defaults, as dotted paths."""
    changed = [key for key in changed_keys(settings, Settings()) if is_pending(key)]
    for number, profile in enumerate(settings.profile):
        changed += [f"profile.{number}.{key}" for key in written_keys(profile) if is_pending(f"profile.{key}")]
    return sorted(changed)
