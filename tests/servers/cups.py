"""A private print service on free ports: a real cupsd with queues, and a real IPP printer that keeps what it prints.

Needs root (cupsd changes its user), cups, cups-ipp-utils, avahi-daemon and dbus, as check.sh installs them. What this
module starts, it ends by its process id.
"""

from __future__ import annotations

import os
import shutil
import socket
import subprocess
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


@dataclass(frozen=True)
class PrintService:
    """`server` for CUPS_SERVER; `printer` the address of the IPP printer; `kept` where it keeps its documents."""

    server: str
    printer: str
    kept: Path
    folder: Path

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

    def queue(self, name: str, device: str) -> None:
        self.run("lpadmin", "-p", name, "-E", "-v", device, "-m", "raw")


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
    for name in ("root/ppd", "spool/tmp", "cache", "state", "log", "kept"):
        (folder / name).mkdir(parents=True)
    for parent in (folder, *list(folder.parents)[:3]):
        parent.chmod(0o711)
    for name, mode in (("spool/tmp", 0o1770), ("cache", 0o770), ("spool", 0o710), ("root", 0o755), ("root/ppd", 0o755)):
        shutil.chown(folder / name, group="lp")
        (folder / name).chmod(mode)
    (folder / "root/cups-files.conf").write_text(_FILES.format(d=folder))
    (folder / "root/cupsd.conf").write_text(_SERVER.format(port=port))
    (folder / "root/snmp.conf").write_text("Address 127.0.0.1\n")


@contextmanager
def print_service(folder: Path, speed: str = "1200,1200") -> Iterator[PrintService]:
    """A running service in an empty folder; ended when the block ends."""
    port, printer_port = _free_port(), _free_port()
    _lay_out(folder, port)
    with ExitStack() as stack:
        conf = folder / "root"
        stack.enter_context(
            _program(["cupsd", "-f", "-c", f"{conf}/cupsd.conf", "-s", f"{conf}/cups-files.conf"], folder / "log/cupsd")
        )
        _until(lambda: _answers(port), "cupsd")
        _start_discovery(stack, folder)
        formats = "application/pdf,image/jpeg,image/pwg-raster"
        printer = ["ippeveprinter", "-d", str(folder / "kept"), "-k", "-p", str(printer_port), "-n", "localhost"]
        printer += ["-f", formats, "-s", speed, "-r", "off", "Ward printer"]
        stack.enter_context(_program(printer, folder / "log/printer"))
        _until(lambda: _answers(printer_port), "the IPP printer")
        yield PrintService(f"127.0.0.1:{port}", f"ipp://localhost:{printer_port}/ipp/print", folder / "kept", folder)
