"""`python -m stock_dashboard`: serve the dashboard by Gunicorn, as the image does."""

from __future__ import annotations

import os
import sys
from pathlib import Path

import gunicorn
from flask import Flask
from gunicorn.app.base import BaseApplication

from stock_dashboard import logs, settings, web

# Shared memory, where there is some: a heartbeat on a slow disk looks like a worker that hangs.
HEARTBEATS = Path("/dev/shm")  # noqa: S108


class Server(BaseApplication):  # type: ignore[misc]
    """Gunicorn, set up here and nowhere else."""

    def __init__(self, chosen: settings.Settings) -> None:
        self._chosen = chosen
        super().__init__()

    def load_config(self) -> None:
        """What Gunicorn asks for before it starts."""
        options = {
            "bind": f"0.0.0.0:{self._chosen.port}",
            # One process, so that there is one cache; threads, since no request waits for anything.
            "workers": 1,
            "worker_class": "gthread",
            "threads": 8,
            # Longer than a load balancer keeps an idle connection (60 s), or it would meet a closed one with a 502.
            "keepalive": 75,
            # No request takes longer. What is still open then is idle, and Gunicorn would wait for that as well.
            "graceful_timeout": 3,
            "worker_tmp_dir": str(HEARTBEATS) if os.access(HEARTBEATS, os.W_OK) else None,
            "control_socket_disable": True,
            "logconfig_dict": logs.configuration(self._chosen.api_key),
        }
        for name, value in options.items():
            self.cfg.set(name, value)

    def load(self) -> Flask:
        """The application, made in the worker: threads do not survive a fork."""
        return web.create(self._chosen)


def main() -> None:
    """Serve until a signal ends it. Exits with a sentence where the environment holds what it cannot start with."""
    try:
        chosen = settings.read(os.environ)
    except settings.SettingsError as error:
        sys.exit(f"stock-dashboard: {error}")
    gunicorn.SERVER = "stock-dashboard"
    Server(chosen).run()


if __name__ == "__main__":
    main()
