"""Logging: one structlog line per event on standard error, JSON when it isn't a terminal.

The libraries' own loggers go through the same renderer from WARNING on, so that one stream tells everything.
"""

import logging
from collections.abc import MutableMapping
from typing import Any, Literal, TextIO

import structlog

SECRET_KEYS = frozenset({"password", "secret", "token", "authorization", "credentials"})


def configure_logging(
    style: Literal["auto", "json", "console"], level: Literal["debug", "info", "warning", "error"], stream: TextIO
) -> None:
    """To be called once, by the command that runs."""
    shared: list[structlog.typing.Processor] = [
        structlog.contextvars.merge_contextvars,
        structlog.stdlib.add_log_level,
        structlog.processors.TimeStamper(fmt="iso", utc=True),
        structlog.processors.StackInfoRenderer(),
        mask,
    ]
    as_json = style == "json" or (style == "auto" and not stream.isatty())
    rendered: list[structlog.typing.Processor] = (
        [structlog.processors.format_exc_info, structlog.processors.JSONRenderer(ensure_ascii=False)]
        if as_json
        else [structlog.dev.ConsoleRenderer(colors=stream.isatty())]
    )
    threshold = logging.getLevelName(level.upper())
    structlog.configure(
        processors=[*shared, *rendered],
        wrapper_class=structlog.make_filtering_bound_logger(threshold),
        logger_factory=structlog.WriteLoggerFactory(file=stream),
        cache_logger_on_first_use=False,
    )
    handler = logging.StreamHandler(stream)
    handler.setFormatter(
        structlog.stdlib.ProcessorFormatter(
            foreign_pre_chain=shared,
            processors=[structlog.stdlib.ProcessorFormatter.remove_processors_meta, *rendered],
        )
    )
    root = logging.getLogger()
    root.handlers = [handler]
    root.setLevel(max(threshold, logging.WARNING))


def mask(_logger: Any, _method: str, event: MutableMapping[str, Any]) -> MutableMapping[str, Any]:
    """No secret reaches the log, whoever put it into an event."""
    for key in event:
        if any(secret in key.lower() for secret in SECRET_KEYS):
            event[key] = "(not shown)"
    return event
