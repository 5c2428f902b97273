"""`python -m stackproof.sandbox.emulated.emulator FD ACCOUNT REGION`: a moto server on an open socket.

The socket comes from the parent, which has bound it already: the port can neither be taken by somebody else nor be
asked too early, since the kernel holds early callers until the server is up.
"""

from __future__ import annotations

import importlib
import json
import logging
import sys
import threading
from collections.abc import Callable, Iterable
from typing import Any

from stackproof.sandbox.emulated import shims
from stackproof.sandbox.emulated.contents import PATH, contents

Wsgi = Callable[[dict[str, Any], Callable[..., Any]], Iterable[bytes]]


def main(descriptor: int, account_id: str, region: str) -> None:
    """Serve until the process is ended."""
    logging.getLogger("werkzeug").setLevel(logging.ERROR)
    from moto.moto_server.werkzeug_app import DomainDispatcherApplication, create_backend_app
    from werkzeug.serving import make_server

    def mended(service: Any) -> Any:  # noqa: ANN401  # moto names each service in a type
        shims.install(service)
        return create_backend_app(service)

    application = with_contents(DomainDispatcherApplication(mended), account_id, region)
    server = make_server("127.0.0.1", 0, application, threaded=True, fd=descriptor)
    # moto loads a service when it is first asked; EC2 takes most of a second, in which callers would wait
    threading.Thread(target=importlib.import_module, args=("moto.ec2",), daemon=True).start()
    server.serve_forever()


def with_contents(application: Any, account_id: str, region: str) -> Wsgi:  # noqa: ANN401  # one of moto's
    """The application, which also tells what the account holds (see `contents`)."""

    def answered(environ: dict[str, Any], start: Callable[..., Any]) -> Iterable[bytes]:
        if environ["PATH_INFO"] != PATH:
            answer: Iterable[bytes] = application(environ, start)
            return answer
        body = json.dumps(contents(account_id, region)).encode()
        start("200 OK", [("Content-Type", "application/json"), ("Content-Length", str(len(body)))])
        return [body]

    return answered


if __name__ == "__main__":
    main(int(sys.argv[1]), *sys.argv[2:])
