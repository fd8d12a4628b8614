"""Which keys differ between two configurations, and which of them take effect without a restart. Pure."""

from collections.abc import Iterator

from pydantic import BaseModel

from gateway.config.settings import Settings

# What is read anew for each mail, and the log. Dotted keys; a section's name stands for all its keys. The rest opens
# sockets, files or connections, or is in the hands of a worker that has begun.
WITHOUT_RESTART = frozenset(
    {
        "limits",
        "numbers",
        "quotas",
        "times",
        "aliases",
        "smtp.sender_check",
        "smtp.authserv_ids",
        "cover.template",
        "cover.when",
        "cover.send_as",
        "cover.drop_body",
        "cover.show_left_out",
        "documents.archives",
        "documents.drop_blank_pages",
        "directives",
        "report",
        "profile",
        "log",
    }
)


def needs_restart(key: str) -> bool:
    steps = key.split(".")
    return not any(".".join(steps[:length]) in WITHOUT_RESTART for length in range(1, len(steps) + 1))


def changed_keys(now: Settings, before: Settings) -> list[str]:
    """As dotted paths; of profiles only that they changed. No values: secrets are among them."""
    return sorted(_changed(now, before))


def _changed(now: BaseModel, before: BaseModel, above: str = "") -> Iterator[str]:
    for name in type(now).model_fields:
        new, old = getattr(now, name), getattr(before, name)
        if isinstance(new, BaseModel) and isinstance(old, BaseModel):
            yield from _changed(new, old, f"{above}{name}.")
        elif new != old:
            yield f"{above}{name}"
