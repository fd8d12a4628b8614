"""Logging: one structlog line per event on standard error, JSON when it isn't a terminal.

The libraries' own loggers and Python's warnings go through the same renderer from WARNING on, so that one stream tells
everything. What it must not tell: ``secrets``, ``masking``.
"""

import logging
from collections.abc import Callable, Mapping, MutableMapping
from contextlib import suppress
from typing import Any, Literal, TextIO, cast

import structlog

from gateway.log.masking import mask_event
from gateway.log.secrets import hide_secrets


def configure_logging(
    style: Literal["auto", "json", "console"],
    level: Literal["debug", "info", "warning", "error"],
    stream: TextIO,
    observe: Callable[[Mapping[str, Any]], None] | None = None,
    *,
    mask: bool = True,
) -> None:
    """For the command that runs; called again it changes style, level and masking.

    `observe` gets every event of ours as it was said, shown or not.
    """
    unfailing = cast("TextIO", Unfailing(stream))  # all of it that loggers use
    shared: list[structlog.typing.Processor] = [
        structlog.contextvars.merge_contextvars,
        structlog.stdlib.add_log_level,
        structlog.processors.TimeStamper(fmt="iso", utc=True),
        structlog.processors.StackInfoRenderer(),
        structlog.processors.format_exc_info,  # before what follows: an error's text may name a number
        hide_secrets,
        *([mask_event] if mask else []),
    ]
    rendered = _renderers(as_json=style == "json" or (style == "auto" and not stream.isatty()), stream=stream)
    threshold = logging.getLevelNamesMapping()[level.upper()]
    observed = [] if observe is None else [_observer(observe, threshold)]
    structlog.configure(
        processors=[*observed, *shared, *rendered],
        wrapper_class=structlog.make_filtering_bound_logger(threshold if observe is None else logging.NOTSET),
        logger_factory=structlog.WriteLoggerFactory(file=unfailing),
        cache_logger_on_first_use=False,
    )
    handler = logging.StreamHandler(unfailing)
    handler.setFormatter(
        structlog.stdlib.ProcessorFormatter(
            foreign_pre_chain=[structlog.stdlib.add_logger_name, *shared],
            processors=[structlog.stdlib.ProcessorFormatter.remove_processors_meta, *rendered],
        )
    )
    root = logging.getLogger()
    root.handlers = [handler]
    root.setLevel(max(threshold, logging.WARNING))
    logging.captureWarnings(capture=True)


def _observer(observe: Callable[[Mapping[str, Any]], None], threshold: int) -> structlog.typing.Processor:
    levels = logging.getLevelNamesMapping()

    def pass_on(_logger: Any, method: str, event: MutableMapping[str, Any]) -> MutableMapping[str, Any]:
        observe(event)
        # exception() is an error that shows its stack
        if levels.get("ERROR" if method == "exception" else method.upper(), threshold) < threshold:
            raise structlog.DropEvent
        return event

    return pass_on


class Unfailing:
    """A stream whose trouble is its own: a full disk behind the log must not change what a client is answered."""

    def __init__(self, stream: TextIO) -> None:
        self._stream = stream

    def write(self, text: str) -> int:
        try:
            return self._stream.write(text)
        except (OSError, ValueError):
            return 0

    def flush(self) -> None:
        with suppress(OSError, ValueError):
            self._stream.flush()


def _renderers(*, as_json: bool, stream: TextIO) -> list[structlog.typing.Processor]:
    if as_json:
        return [structlog.processors.JSONRenderer(ensure_ascii=False)]
    # The default draws a stack by rich with every local variable: passwords and documents among them.
    plain = structlog.dev.plain_traceback
    return [structlog.dev.ConsoleRenderer(colors=stream.isatty(), exception_formatter=plain)]
