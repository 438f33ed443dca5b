"""A private print service on free ports: a real cupsd with queues, and a real IPP printer whose every sheet lands in a
folder. Both can be killed and started again; the printer jams while there is a file `jam`.

Needs root (cupsd changes its user), cups, cups-ipp-utils, avahi-daemon and dbus, as check.sh installs them. What this
module starts, it ends by its process id.
"""

from __future__ import annotations

import os
import shutil
import socket
import subprocess
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from pathlib import Path

import pytest

PROGRAMS = ("cupsd", "ippeveprinter", "lpadmin", "avahi-daemon", "dbus-daemon")
_BUS = Path("/run/dbus/system_bus_socket")
_FILES = """ServerRoot {d}/root
RequestRoot {d}/spool
TempDir {d}/spool/tmp
CacheDir {d}/cache
StateDir {d}/state
ServerBin /usr/lib/cups
DataDir /usr/share/cups
SystemGroup root lpadmin
User lp
Group lp
FileDevice Yes
AccessLog {d}/log/access
ErrorLog {d}/log/error
PageLog {d}/log/page
Sandboxing relaxed
"""
_SERVER = """Listen 127.0.0.1:{port}
LogLevel info
Browsing No
WebInterface No
DefaultAuthType None
PreserveJobHistory Yes
PreserveJobFiles No
JobRetryInterval 1
JobRetryLimit 3
<Location />
 Order allow,deny
 Allow 127.0.0.1
</Location>
<Policy default>
 JobPrivateAccess all
 JobPrivateValues none
 <Limit All>
  Order deny,allow
 </Limit>
</Policy>
"""


# What the printer does with each job: stands still while it is jammed, takes its time, lets the sheet fall into `out`.
_MECHANISM = """#!/bin/sh
cd {d}
if [ -e jam ]; then
    echo "STATE: +media-jam" >&2
    while [ -e jam ]; do sleep 0.05; done
    echo "STATE: -media-jam" >&2
fi
sleep "$(cat pace)"
cp "$1" "falling/$$" && mv "falling/$$" "out/$(date +%s%N)-$IPP_JOB_NAME.pdf"
"""


class Program:
    """A program that can be killed and started again."""

    def __init__(self, command: list[str], log: Path, is_up: Callable[[], bool]) -> None:
        self._command, self._log, self._is_up = command, log, is_up
        self._running: subprocess.Popen[bytes] | None = None

    def start(self) -> None:
        """Returns when it answers. What the former life left running may hold the port for a moment."""
        env = {**os.environ, "PATH": os.environ["PATH"] + ":/usr/sbin:/sbin"}

        def is_up() -> bool:
            if self._running is None or self._running.poll() is not None:
                with self._log.open("ab") as out:
                    self._running = subprocess.Popen(self._command, stdout=out, stderr=out, env=env)
            return self._is_up()

        _until(is_up, self._command[0])

    def end(self, *, hard: bool = False) -> None:
        """`hard` as by a power cut."""
        made, self._running = self._running, None
        if made is None:
            return
        if hard:
            made.kill()
        else:
            made.terminate()
        try:
            made.wait(10)
        except subprocess.TimeoutExpired:
            made.kill()
            made.wait()


@dataclass(frozen=True)
class PrintService:
    """`server` for CUPS_SERVER; `printer` the address of the IPP printer; `folder` where everything lies; `out` what came
    out of the printer, in order; `engine` the printer and `spooler` the print service as programs."""

    server: str
    printer: str
    kept: Path
    folder: Path
    engine: Program
    spooler: Program

    def run(self, *command: str) -> str:
        """One of the service's own tools."""
        made = subprocess.run(
            command,
            check=True,
            capture_output=True,
            text=True,
            timeout=30,
            env={**os.environ, "CUPS_SERVER": self.server},
        )
        return made.stdout

    def queue(self, name: str, device: str, model: str = "raw") -> None:
        self.run("lpadmin", "-p", name, "-E", "-v", device, "-m", model)

    def wait_for_driver(self, name: str) -> None:
        """A queue by `everywhere` is a raw one for a moment."""
        _until(lambda: "PageSize" in self.run("lpoptions", "-p", name, "-l"), f"the driver of {name}")

    @property
    def out(self) -> list[Path]:
        """The sheets that fell out of the printer, in order; each name ends with its job's title."""
        return sorted((self.folder / "out").iterdir())

    def pace(self, seconds: float) -> None:
        """How long a sheet takes."""
        (self.folder / "pace").write_text(str(seconds))

    def jam(self, *, on: bool) -> None:
        if on:
            (self.folder / "jam").touch()
        else:
            (self.folder / "jam").unlink()


def require() -> None:
    """Skip with the reason where it cannot run; on CI that is a failure."""
    lacking = [p for p in PROGRAMS if shutil.which(p, path=os.environ["PATH"] + ":/usr/sbin:/sbin") is None]
    reason = f"not installed: {', '.join(lacking)}" if lacking else "" if os.geteuid() == 0 else "cupsd needs root"
    if reason and os.environ.get("CI"):
        pytest.fail(f"the print service cannot be tested here: {reason}")
    if reason:
        pytest.skip(f"the print service cannot be tested here: {reason}")


def _free_port() -> int:
    with socket.socket() as made:
        made.bind(("127.0.0.1", 0))
        return int(made.getsockname()[1])


def _until(ready: Callable[[], bool], what: str, seconds: float = 20) -> None:
    end = time.monotonic() + seconds
    while not ready():
        if time.monotonic() > end:
            raise TimeoutError(what)
        time.sleep(0.05)


def _answers(port: int) -> bool:
    with socket.socket() as made:
        return made.connect_ex(("127.0.0.1", port)) == 0


@contextmanager
def _program(command: list[str], log: Path) -> Iterator[subprocess.Popen[bytes]]:
    env = {**os.environ, "PATH": os.environ["PATH"] + ":/usr/sbin:/sbin"}
    with log.open("wb") as out:
        made = subprocess.Popen(command, stdout=out, stderr=out, env=env)
        try:
            yield made
        finally:
            made.terminate()
            try:
                made.wait(10)
            except subprocess.TimeoutExpired:
                made.kill()
                made.wait()


def _bus_answers(name: str) -> bool:
    asked = [
        "dbus-send",
        "--system",
        "--print-reply",
        "--dest=org.freedesktop.DBus",
        "/",
        "org.freedesktop.DBus.ListNames",
    ]
    made = subprocess.run(asked, capture_output=True, text=True, timeout=10, check=False)
    return made.returncode == 0 and name in made.stdout


def _start_discovery(stack: ExitStack, folder: Path) -> None:
    """The IPP printer does not start without a service of discovery, even when it announces nothing."""
    if not _bus_answers(""):
        _BUS.parent.mkdir(parents=True, exist_ok=True)
        _BUS.unlink(missing_ok=True)
        stack.enter_context(_program(["dbus-daemon", "--system", "--nofork", "--nopidfile"], folder / "log/dbus"))
        _until(lambda: _bus_answers(""), "the message bus")
    if not _bus_answers("org.freedesktop.Avahi"):
        settings = folder / "avahi.conf"
        settings.write_text("[server]\nallow-interfaces=lo\nuse-ipv6=no\n[publish]\ndisable-publishing=yes\n")
        quiet = ["--no-drop-root", "--no-chroot", "--no-rlimits", "--no-proc-title"]
        stack.enter_context(_program(["avahi-daemon", "-f", str(settings), *quiet], folder / "log/avahi"))
        _until(lambda: _bus_answers("org.freedesktop.Avahi"), "discovery")


def _lay_out(folder: Path, port: int) -> None:
    for name in ("root/ppd", "spool/tmp", "cache", "state", "log", "kept", "falling", "out"):
        (folder / name).mkdir(parents=True)
    folder.chmod(0o711)
    for name, mode in (("spool/tmp", 0o1770), ("cache", 0o770), ("spool", 0o710), ("root", 0o755), ("root/ppd", 0o755)):
        shutil.chown(folder / name, group="lp")
        (folder / name).chmod(mode)
    (folder / "root/cups-files.conf").write_text(_FILES.format(d=folder))
    (folder / "root/cupsd.conf").write_text(_SERVER.format(port=port))
    (folder / "root/snmp.conf").write_text("Address 127.0.0.1\n")
    (folder / "pace").write_text("0")
    (folder / "mechanism").write_text(_MECHANISM.format(d=folder))
    (folder / "mechanism").chmod(0o755)


@contextmanager
def print_service(*, ppm: int = 17) -> Iterator[PrintService]:
    """A running service in a folder of its own; ended when the block ends. `ppm` = what the printer says of itself.

    Not below pytest's folder: another session closes that one to the user as whom the print service filters.
    """
    folder = Path(tempfile.mkdtemp(prefix="wardlamp-cups-"))
    port, printer_port = _free_port(), _free_port()
    _lay_out(folder, port)
    conf = folder / "root"
    serve = ["cupsd", "-f", "-c", f"{conf}/cupsd.conf", "-s", f"{conf}/cups-files.conf"]
    spooler = Program(serve, folder / "log/cupsd", lambda: _answers(port))
    formats = "application/pdf,image/jpeg,image/pwg-raster"
    printer = ["ippeveprinter", "-d", str(folder / "kept"), "-k", "-p", str(printer_port), "-n", "localhost", "-2"]
    printer += ["-c", str(folder / "mechanism"), "-f", formats, "-s", f"{ppm},{ppm}", "-r", "off", "Ward printer"]
    engine = Program(printer, folder / "log/printer", lambda: _answers(printer_port))
    with ExitStack() as stack:
        stack.callback(shutil.rmtree, folder, ignore_errors=True)
        spooler.start()
        stack.callback(spooler.end)
        _start_discovery(stack, folder)
        engine.start()
        stack.callback(engine.end)
        address = f"ipp://localhost:{printer_port}/ipp/print"
        yield PrintService(f"127.0.0.1:{port}", address, folder / "kept", folder, engine, spooler)
