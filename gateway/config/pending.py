"""Keys that are read and checked, but whose feature isn't there yet; a line at start names those that were set."""

from pydantic import BaseModel

from gateway.config.settings import Settings

# A section's name stands for all its keys.
NO_EFFECT_YET = frozenset(
    {
        "smtp.proxy_networks",
        "smtp.listen_legacy_tls",
        "smtp.verdict_seconds",
        "lmtp",
        "submission",
        "tls",
        "limits.pages",
        "cover.send_as",
        "retarus.on_doubt",
        "retarus.duplicates_refused",
        "report.by",
        "database.content",
        "web",
        "metrics",
        "push",
        "control",
    }
)
NO_EFFECT_YET_IN_PROFILES = frozenset({"numbers", "limits"})


def is_pending(key: str) -> bool:
    """Whether `key`, a dotted path, has no effect yet."""
    section, _, name = key.partition(".")
    if section == "profile":
        return name in NO_EFFECT_YET_IN_PROFILES
    return key in NO_EFFECT_YET or section in NO_EFFECT_YET


def pending_keys(settings: Settings) -> list[str]:
    """Those of them that differ from their defaults, as dotted paths."""
    changed = [key for key in _changed(settings, Settings(), ()) if is_pending(key)]
    for number, profile in enumerate(settings.profile):
        changed += [f"profile.{number}.{name}" for name in NO_EFFECT_YET_IN_PROFILES & profile.model_fields_set]
    return sorted(changed)


def _changed(value: BaseModel, default: BaseModel, above: tuple[str, ...]) -> list[str]:
    found = []
    for name in type(value).model_fields:
        mine, usual = getattr(value, name), getattr(default, name)
        if isinstance(mine, BaseModel) and isinstance(usual, BaseModel):
            found += _changed(mine, usual, (*above, name))
        elif mine != usual:
            found.append(".".join((*above, name)))
    return found
