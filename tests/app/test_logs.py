"""Log lines: one JSON object each, without the key."""

from __future__ import annotations

import json
import logging

from stock_dashboard.logs import JsonFormatter


def record(message: str, **more: object) -> logging.LogRecord:
    made = logging.LogRecord("stock_dashboard", logging.WARNING, "file.py", 1, message, None, None)
    for name, value in more.items():
        setattr(made, name, value)
    return made


def test_a_record_is_one_line_of_json() -> None:
    text = JsonFormatter().format(record("two\nlines", fields={"path": "/\n{}", "status": 200}))
    assert "\n" not in text
    line = json.loads(text)
    assert line.pop("time").endswith("+00:00")
    assert line == {
        "level": "warning",
        "logger": "stock_dashboard",
        "message": "two\nlines",
        "path": "/\n{}",
        "status": 200,
    }


def test_the_key_is_hidden_wherever_it_stands() -> None:
    key = "a+key/with=signs"
    error = ValueError(f"GET /query?apikey={key}&x and apikey=a%2Bkey%2Fwith%3Dsigns")
    broken = record(f"asked with {key}", fields={"url": f"https://x/?{key}"}, exc_info=(ValueError, error, None))
    text = JsonFormatter(key).format(broken)
    assert "ValueError" in text
    assert "a+key" not in text
    assert "a%2Bkey" not in text
    json.loads(text)
