"""How the service is, for whoever watches it: `GET /` on this machine answers with JSON, 200 healthy or 503 not.

Numbers, states, ages and codes only; no patient data, and nothing that changes anything.
"""

from __future__ import annotations

import json
import threading
from collections.abc import Callable
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from socket import AF_INET6
from typing import Any

from localdb.sources.feed.logs import FeedLog

Report = Callable[[], dict[str, Any]]


class HealthServer:
    """Answers until it is stopped. `report` gives the object; its `ok` decides the status. Raises OSError where the
    port is taken."""

    def __init__(self, address: tuple[str, int], report: Report, log: FeedLog) -> None:
        class Handler(BaseHTTPRequestHandler):
            timeout = 10
            server_version, sys_version = "wardlamp", ""

            def do_GET(self) -> None:
                found = report()
                body = json.dumps(found).encode()
                self.send_response(200 if found.get("ok") else 503)
                self.send_header("Content-Type", "application/json")
                self.send_header("Content-Length", str(len(body)))
                self.send_header("Cache-Control", "no-store")
                self.end_headers()
                self.wfile.write(body)

            def log_message(self, format: str, *args: Any) -> None:
                return  # requests are no news

        class Server(ThreadingHTTPServer):
            daemon_threads = True
            address_family = AF_INET6 if ":" in address[0] else ThreadingHTTPServer.address_family

            def handle_error(self, request: Any, client_address: Any) -> None:
                log.say("health_request_failed")

        self._server = Server(address, Handler)
        self._thread = threading.Thread(target=self._server.serve_forever, args=(0.2,), name="health", daemon=True)
        self.port = int(self._server.server_address[1])

    def start(self) -> None:
        self._thread.start()

    def stop(self) -> None:
        self._server.shutdown()
        self._server.server_close()
        self._thread.join()
