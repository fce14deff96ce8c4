"""The HTTP port of the local AWS: a thread per connection, loopback only, quiet."""

from __future__ import annotations

import threading

from moto.moto_server.werkzeug_app import MotoRequestHandler
from werkzeug.serving import make_server

from chainlight_demo.local_aws.front import WsgiApp

HOST = "127.0.0.1"


class _Handler(MotoRequestHandler):  # type: ignore[misc]
    """moto's handler without an access log and without Nagle's 40 ms on kept connections."""

    disable_nagle_algorithm = True

    def log_request(self, *_: object) -> None:
        """Say nothing."""

    def log_error(self, *_: object) -> None:
        """Say nothing: a client that hangs up early is no news."""


class HttpServer:
    """Knows its port at once, answers between `start` and `stop`."""

    def __init__(self, app: WsgiApp) -> None:
        self._server = make_server(HOST, 0, app, threaded=True, request_handler=_Handler)
        self._thread = threading.Thread(
            target=self._server.serve_forever,
            kwargs={"poll_interval": 0.05},
            name="local-aws-http",
            daemon=True,
        )

    @property
    def url(self) -> str:
        """Return where it listens."""
        return f"http://{HOST}:{self._server.server_port}"

    def start(self) -> None:
        """Begin to answer."""
        self._thread.start()

    def stop(self) -> None:
        """Stop answering, if it ever began, and free the port."""
        if self._thread.is_alive():
            self._server.shutdown()
            self._thread.join()
        self._server.server_close()
