"""`python -m stackproof.sandbox.emulator FD`: a moto server on an open socket.

The socket comes from the parent, which has bound it already: the port can neither be taken by somebody else nor be
asked too early, since the kernel holds early callers until the server is up.
"""

from __future__ import annotations

import importlib
import logging
import sys
import threading
from typing import Any

from stackproof.sandbox import shims


def main(descriptor: int) -> None:
    """Serve until the process is ended."""
    logging.getLogger("werkzeug").setLevel(logging.ERROR)
    from moto.moto_server.werkzeug_app import DomainDispatcherApplication, create_backend_app
    from werkzeug.serving import make_server

    def mended(service: Any) -> Any:  # noqa: ANN401  # moto names each service in a type
        shims.install(service)
        return create_backend_app(service)

    server = make_server("127.0.0.1", 0, DomainDispatcherApplication(mended), threaded=True, fd=descriptor)
    # moto loads a service when it is first asked; EC2 takes most of a second, in which callers would wait
    threading.Thread(target=importlib.import_module, args=("moto.ec2",), daemon=True).start()
    server.serve_forever()


if __name__ == "__main__":
    main(int(sys.argv[1]))
