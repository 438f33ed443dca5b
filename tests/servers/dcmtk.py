"""DCMTK's tools: senders (storescu, echoscu), a small PACS (dcmqrscp) and a worklist server (wlmscpfs), on free ports."""

import contextlib
import os
import shutil
import signal
import subprocess
from pathlib import Path

from tests.servers.orthanc import free_port, wait_for_port

# pynetdicom brings programs of the same names into the environment of the tests, where they are found first.
_FOLDERS = os.pathsep.join(
    f for f in os.environ["PATH"].split(os.pathsep) if not (Path(f).parent / "pyvenv.cfg").exists()
)


def tool(name):
    """The path of a program of DCMTK; the bare name where it is not installed."""
    return shutil.which(name, path=_FOLDERS) or name


IS_HERE = shutil.which("dcmqrscp") is not None


def echoscu(port, called="WARDLAMP", calling="ECHOSCU", more=()):
    """The exit status."""
    return subprocess.run(
        [tool("echoscu"), "-aet", calling, "-aec", called, "-to", "10", *more, "127.0.0.1", str(port)],
        capture_output=True, timeout=60, check=False,
    ).returncode  # fmt: skip


def storescu(port, files, called="WARDLAMP", calling="STORESCU", more=()):
    """(exit status, what it said with -v); required contexts only, and the file's own transfer syntax."""
    done = subprocess.run(
        [tool("storescu"), "-v", "-aet", calling, "-aec", called, "-R", "-nh", "-to", "10", *more, "127.0.0.1", str(port),
         *map(str, files)],
        capture_output=True, timeout=120, check=False, text=True, errors="replace",
    )  # fmt: skip
    return done.returncode, done.stdout + done.stderr


def _end(process):
    """The server and those that it forked: it has a session of its own (without forks it crashes over a bare connect)."""
    with contextlib.suppress(ProcessLookupError):
        os.killpg(process.pid, signal.SIGKILL)
    process.wait()


class Archive:
    """dcmqrscp as the PACS DCMTKPACS, which sends (C-MOVE) to the titles of `movers` {title: port} on this machine."""

    def __init__(self, folder, movers, title="DCMTKPACS"):
        self.folder, self.title, self.port, self.process = Path(folder), title, free_port(), None
        store = self.folder / "store"
        store.mkdir(parents=True)
        hosts = "\n".join(f"mover{n} = ({name}, localhost, {port})" for n, (name, port) in enumerate(movers.items()))
        names = ", ".join(f"mover{n}" for n in range(len(movers)))
        (self.folder / "dcmqrscp.cfg").write_text(
            f'NetworkTCPPort = {self.port}\nMaxPDUSize = 16384\nMaxAssociations = 16\nDisplay = "no"\n'
            f"HostTable BEGIN\n{hosts}\nwardlamp = {names}\nHostTable END\n"
            "VendorTable BEGIN\nVendorTable END\n"
            f"AETable BEGIN\n{title} {store} RW (200, 1024mb) ANY\nAETable END\n"
        )

    def start(self):
        with open(self.folder / "log", "ab") as log:
            self.process = subprocess.Popen(
                [tool("dcmqrscp"), "-c", str(self.folder / "dcmqrscp.cfg")],
                stdout=log, stderr=log, start_new_session=True,
            )  # fmt: skip
        wait_for_port(self.port, self.process)
        return self

    def stop(self):
        _end(self.process)


class Worklist:
    """wlmscpfs as the title MWL; `entries` are pydicom data sets."""

    def __init__(self, folder, title="MWL"):
        self.folder, self.title, self.port, self.process = Path(folder), title, free_port(), None
        (self.folder / title).mkdir(parents=True)
        (self.folder / title / "lockfile").touch()

    def put(self, name, entry):
        entry.save_as(self.folder / self.title / f"{name}.wl", enforce_file_format=True)

    def start(self):
        with open(self.folder / "log", "ab") as log:
            self.process = subprocess.Popen(
                [tool("wlmscpfs"), "-dfp", str(self.folder), str(self.port)],
                stdout=log, stderr=log, start_new_session=True,
            )  # fmt: skip
        wait_for_port(self.port, self.process)
        return self

    def stop(self):
        _end(self.process)
