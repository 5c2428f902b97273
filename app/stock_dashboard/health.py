"""`python -m stock_dashboard.health`: the image's own health check, with no tool that the image would need for it."""

from __future__ import annotations

import os
import sys
from http.client import HTTPConnection, HTTPException

TIMEOUT_SECONDS = 3.0


def main() -> int:
    """0 where the application answers that it is alive, else 1 and why."""
    connection = HTTPConnection("127.0.0.1", int(os.environ.get("PORT") or 8080), timeout=TIMEOUT_SECONDS)
    try:
        connection.request("GET", "/healthz")
        status = connection.getresponse().status
    except (OSError, HTTPException) as error:
        print(f"no answer: {type(error).__name__}", file=sys.stderr)
        return 1
    finally:
        connection.close()
    return 0 if status == 200 else 1


if __name__ == "__main__":
    sys.exit(main())
