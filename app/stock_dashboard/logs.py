"""Logs as one JSON object a line, on standard output, where the container's log driver takes them up."""

from __future__ import annotations

import json
import logging
import logging.config
from datetime import UTC, datetime
from urllib.parse import quote

HIDDEN = "(hidden)"


class JsonFormatter(logging.Formatter):
    """A record as JSON: time, level, logger, message, what `extra={"fields": ...}` adds, and a traceback if any.

    `secret` appears in none of it, wherever it came from.
    """

    def __init__(self, secret: str = "") -> None:
        super().__init__()
        self._secrets = {secret, quote(secret, safe="")} - {""}

    def format(self, record: logging.LogRecord) -> str:
        """One line, without a newline in it."""
        line: dict[str, object] = {
            "time": datetime.fromtimestamp(record.created, UTC).isoformat(timespec="milliseconds"),
            "level": record.levelname.lower(),
            "logger": record.name,
            "message": record.getMessage(),
            **getattr(record, "fields", {}),
        }
        if record.exc_info:
            line["exception"] = self.formatException(record.exc_info)
        text = json.dumps(line, ensure_ascii=False, default=str)
        for secret in self._secrets:
            text = text.replace(secret, HIDDEN)
        return text


def configuration(secret: str = "") -> dict[str, object]:
    """For `logging.config.dictConfig`, and for Gunicorn, which takes the same."""
    return {
        "version": 1,
        "disable_existing_loggers": False,
        "formatters": {"json": {"()": JsonFormatter, "secret": secret}},
        "handlers": {"console": {"class": "logging.StreamHandler", "formatter": "json", "stream": "ext://sys.stdout"}},
        "root": {"level": "INFO", "handlers": ["console"]},
        "loggers": {
            "gunicorn.error": {"handlers": ["console"], "propagate": False},
            # The application logs its requests itself, without their queries.
            "gunicorn.access": {"level": "CRITICAL", "handlers": [], "propagate": False},
            # At DEBUG urllib3 tells whole URLs, and the key is in them.
            "urllib3": {"level": "WARNING"},
        },
    }
