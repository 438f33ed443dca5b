"""Orthanc (a real PACS: DIMSE, DICOMweb, worklist) on free ports in a folder of the test's; HTTPS by nginx in front.

Orthanc 1.10 can only listen on all addresses: it lets in nobody but the modalities it is told of, by their address. Its
own HTTPS crashes at the first request (Debian 12), hence nginx.
"""

import base64
import json
import os
import shutil
import signal
import socket
import subprocess
import urllib.error
import urllib.request
from pathlib import Path

PLUGINS = Path("/usr/share/orthanc/plugins")
USER, PASSWORD = "ward", "lamp"
IS_HERE = shutil.which("Orthanc") is not None


def free_port():
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


def wait_for_port(port, process, limit=30.0):
    """Until somebody listens there, or the process ends."""
    import threading
    import time

    waiting, end = threading.Event(), time.monotonic() + limit
    while True:
        with socket.socket() as probe:
            if probe.connect_ex(("127.0.0.1", port)) == 0:
                return
        assert process.poll() is None, "the server ended at once"
        assert time.monotonic() < end, "the server does not listen"
        waiting.wait(0.02)


class Orthanc:
    """`title` at `dicom`, HTTP at `http`, HTTPS at `https` where `tls` (a folder of `certificates.Authority`) is given;
    `dimse_tls` also for DIMSE, with client certificates. `modalities` {title: port} on this machine may talk to it."""

    def __init__(self, folder, title="WLPACS", *, modalities=None, tls=None, dimse_tls=False, **more):
        self.folder, self.title, self.tls = Path(folder), title, tls
        self.http, self.dicom, self.https = free_port(), free_port(), free_port()
        self.modalities = modalities or {"WARDLAMP": free_port()}
        self.worklists = self.folder / "worklists"
        self.worklists.mkdir(parents=True)
        self.process = self.proxy = None
        settings = {
            "Name": title, "StorageDirectory": str(self.folder / "db"), "IndexDirectory": str(self.folder / "db"),
            "Plugins": [str(PLUGINS / "libOrthancDicomWeb.so"), str(PLUGINS / "libModalityWorklists.so")],
            "RemoteAccessAllowed": False, "AuthenticationEnabled": True, "RegisteredUsers": {USER: PASSWORD},
            "HttpPort": self.http, "DicomPort": self.dicom, "DicomAet": title, "DicomCheckCalledAet": True,
            "DicomAlwaysAllowEcho": False, "DicomAlwaysAllowStore": False, "DicomCheckModalityHost": True,
            "UnknownSopClassAccepted": True, "Locale": "C.UTF-8", "DefaultEncoding": "Utf8", "StableAge": 1,
            "DicomModalities": {
                name.lower(): {"AET": name, "Host": "127.0.0.1", "Port": port, "AllowEcho": True, "AllowFind": True,
                               "AllowFindWorklist": True, "AllowMove": True, "AllowStore": True, "AllowGet": True}
                for name, port in self.modalities.items()
            },
            "DicomWeb": {"Enable": True, "Root": "/dicom-web/", "EnableWado": True, "WadoRoot": "/wado",
                         "StudiesMetadata": "Full", "SeriesMetadata": "Full"},
            "Worklists": {"Enable": True, "Database": str(self.worklists)},
            **more,
        }  # fmt: skip
        if dimse_tls:
            settings |= {
                "DicomTlsEnabled": True, "DicomTlsCertificate": f"{tls}/server.pem",
                "DicomTlsPrivateKey": f"{tls}/server.key", "DicomTlsTrustedCertificates": f"{tls}/ca.pem",
            }  # fmt: skip
        (self.folder / "orthanc.json").write_text(json.dumps(settings))

    @property
    def web(self):
        return f"http://127.0.0.1:{self.http}/dicom-web"

    def start(self):
        with open(self.folder / "log", "ab") as log:
            self.process = subprocess.Popen(
                ["Orthanc", str(self.folder / "orthanc.json")], stdout=log, stderr=log, start_new_session=True
            )
        wait_for_port(self.dicom, self.process)
        wait_for_port(self.http, self.process)
        if self.tls is not None and self.proxy is None:
            self._start_proxy()
        return self

    def _start_proxy(self):
        temporary = "".join(
            f"{n}_temp_path {self.folder}/{n};" for n in ("client_body", "proxy", "fastcgi", "uwsgi", "scgi")
        )
        settings = (
            f"daemon off; master_process off; pid {self.folder}/nginx.pid; error_log {self.folder}/nginx.log;"
            f" events {{}} http {{ access_log off; client_max_body_size 0; {temporary}"
            f" server {{ listen 127.0.0.1:{self.https} ssl; ssl_certificate {self.tls}/server.pem;"
            f" ssl_certificate_key {self.tls}/server.key; ssl_client_certificate {self.tls}/ca.pem;"
            f" ssl_verify_client on; location / {{ proxy_pass http://127.0.0.1:{self.http};"
            f" proxy_set_header Host $http_host; proxy_buffering off; }} }} }}"
        )
        (self.folder / "nginx.conf").write_text(settings)
        self.proxy = subprocess.Popen(
            ["nginx", "-e", f"{self.folder}/nginx.log", "-c", f"{self.folder}/nginx.conf"], start_new_session=True
        )
        wait_for_port(self.https, self.proxy)

    def kill(self):
        """kill -9."""
        os.kill(self.process.pid, signal.SIGKILL)
        self.process.wait()

    def stop(self):
        """At once: its own graceful end takes seconds, and nothing of it is wanted any more."""
        for process in (self.process, self.proxy):
            if process is not None and process.poll() is None:
                process.kill()
                process.wait()
        self.proxy = None

    def ask(self, path, data=None, method=None):
        """JSON of the REST interface."""
        request = urllib.request.Request(f"http://127.0.0.1:{self.http}{path}", data=data, method=method)
        login = base64.b64encode(f"{USER}:{PASSWORD}".encode()).decode()
        request.add_header("Authorization", f"Basic {login}")
        with urllib.request.urlopen(request, timeout=30) as answer:
            return json.load(answer)

    def put(self, data):
        """Stores one file."""
        return self.ask("/instances", data)
