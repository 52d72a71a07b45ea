"""Structured logs: one JSON object a line on standard error. Never keys, bodies, purposes or sample numbers."""

import logging
import re
import sys

import msgspec
import structlog
from structlog.typing import EventDict, Processor

from npn.errors import ConfigurationError

_encode = msgspec.json.Encoder(enc_hook=repr).encode
_QUOTES = re.compile(r"^(\s*(?:DETAIL|CONTEXT|LINE \d+)):.*$", re.MULTILINE)
_LEVELS = ("debug", "info", "warning", "error", "critical")


def configure(level: str) -> None:
    """Send everything that is logged, ours and the libraries', to standard error as JSON lines."""
    if level not in _LEVELS:
        raise ConfigurationError(f"no such log level: {level}", field="log_level", hint=f"one of {', '.join(_LEVELS)}")
    number = getattr(logging, level.upper())
    shared: list[Processor] = [
        structlog.processors.add_log_level,
        structlog.processors.TimeStamper(fmt="iso", utc=True),
        structlog.processors.format_exc_info,
        without_values,
    ]
    structlog.configure(
        processors=[*shared, structlog.processors.JSONRenderer(serializer=_line)],
        wrapper_class=structlog.make_filtering_bound_logger(number),
        logger_factory=structlog.BytesLoggerFactory(sys.stderr.buffer),
        cache_logger_on_first_use=True,
    )
    handler = logging.StreamHandler(sys.stderr)
    text = structlog.processors.JSONRenderer(serializer=_text)
    handler.setFormatter(structlog.stdlib.ProcessorFormatter(foreign_pre_chain=shared, processors=[_plain, text]))
    logging.basicConfig(level=max(number, logging.WARNING), handlers=[handler], force=True)


def without_values(_logger: object, _name: str, event: EventDict) -> EventDict:
    """Cut what PostgreSQL adds to an error: DETAIL and CONTEXT quote the values of rows."""
    traceback = event.get("exception")
    if isinstance(traceback, str) and _QUOTES.search(traceback):
        event["exception"] = _QUOTES.sub(r"\1 (left out: it quotes values)", traceback)
    return event


def _plain(_logger: object, _name: str, event: EventDict) -> EventDict:
    """Leave out what only the library's own machinery needs."""
    return structlog.stdlib.ProcessorFormatter.remove_processors_meta(None, "", event)


def _line(event: object, **_options: object) -> bytes:
    return _encode(event)


def _text(event: object, **_options: object) -> str:
    return _encode(event).decode("utf-8")
