"""The real service for a test: a vault with one MLLP feed, `wardlamp feed run` as a process, and senders of messages."""

import json
import os
import signal
import socket
import subprocess
import sys
import threading
import time

from localdb.house import open_house
from tests.conftest import ROOT
from tests.made import SECRET, new_house, nhs_number

HEADER = "MSH|^~\\&|LIMS|NORTH|ENGINE|NORTH|20261124030000+0000||{type}|{id}|P|2.5.1|||||GBR|UNICODE UTF-8\r"
PEOPLE = 12
RUN = "from desktop.cli import main; raise SystemExit(main())"


def free_port():
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


def result_message(control, number):
    """A potassium of its own order for one of a few people; all that follows from `number`."""
    who = number % PEOPLE
    return (
        HEADER.format(type="ORU^R01", id=control)
        + f"PID|1||H{who:05d}^^^NORTH^MR~{nhs_number(who)}^^^NHS^NH||Feed{who}^Ann||19580214|F\r"
        + f"ORC|RE|P{control}|F{control}\r"
        + f"OBR|1|P{control}|F{control}|K^Potassium|||20261124020000+0000|||||||||||||||||||F\r"
        + f"OBX|1|NM|K^Potassium||{3 + number % 30 / 10:.1f}|mmol/L|3.5-5.3||||F|||20261124020000+0000\r"
    ).encode()


class Service:
    """A vault and the port of its feed; `start`, then `kill` or `stop`, as often as wanted. `sabotage` is run first;
    `more` stands in the feed's settings."""

    def __init__(self, folder, sabotage="", **more):
        self.vault, self.port, self._sabotage = folder / "vault", free_port(), sabotage
        house = new_house(self.vault)
        feed = {"name": "engine", "source": "lims", "kind": "mllp", "listen": f"127.0.0.1:{self.port}"}
        house.set_site({"feeds": [{**feed, **more}], "feeding": {"health": ""}})
        house.close()
        self._secret = folder / "secret"
        self._secret.write_bytes(SECRET + b"\n")
        self._secret.chmod(0o600)
        self.process, self.log = None, []

    def start(self):
        """Returns when it listens."""
        environment = {**os.environ, "WARDLAMP_SECRET_FILE": str(self._secret), "WARDLAMP_VAULT": str(self.vault)}
        self.process = subprocess.Popen(
            [sys.executable, "-c", f"{self._sabotage}\n{RUN}", "feed", "run"],
            cwd=ROOT, env=environment, stderr=subprocess.PIPE, text=True,
        )  # fmt: skip
        listens = threading.Event()
        self._reader = threading.Thread(target=self._read, args=(self.process, listens))
        self._reader.start()
        while not listens.wait(0.1):
            if self.process.poll() is not None:
                self._reader.join()
                raise AssertionError(f"the service did not start: {self.log[-5:]}")
        return self

    def _read(self, process, listens):
        for line in process.stderr:
            try:
                said = json.loads(line)
            except ValueError:
                said = {"event": "no json", "line": line}
            self.log.append(said)
            if said.get("event") == "listening":
                listens.set()
        process.stderr.close()

    def _end(self, number):
        self.process.send_signal(number)
        status = self.process.wait(120)
        self._reader.join()
        return status

    def kill(self):
        """kill -9."""
        self._end(signal.SIGKILL)

    def stop(self):
        """Gracefully; returns the exit status."""
        return self._end(signal.SIGTERM)

    def memory_mib(self):
        """Resident, of the service alone."""
        with open(f"/proc/{self.process.pid}/statm") as file:
            return int(file.read().split()[1]) * os.sysconf("SC_PAGE_SIZE") / 2**20

    def opened(self):
        """The house, when the service has ended."""
        return open_house(self.vault, SECRET)


class Sender(threading.Thread):
    """Sends messages one by one, each again and again until it is acknowledged, over new connections when one breaks."""

    def __init__(self, port, who, count=None, latencies=None):
        super().__init__(name=f"sender {who}")
        self.port, self.who, self.count = port, who, count
        self.acknowledged, self.refused, self.resent = [], [], 0
        self.latencies = latencies if latencies is not None else []
        self.ending = threading.Event()

    def run(self):
        line, n = None, 0
        while not self.ending.is_set() and (self.count is None or n < self.count):
            control = f"S{self.who}-{n}"
            data = b"\x0b" + result_message(control, n * 31 + self.who) + b"\x1c\r"
            begun = time.perf_counter()
            while True:
                try:
                    if line is None:
                        line = socket.create_connection(("127.0.0.1", self.port), 30)
                        line.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
                    line.sendall(data)
                    answer = self._answer(line)
                except OSError:
                    if line is not None:
                        line.close()
                    line = None
                    self.resent += 1
                    self.ending.wait(0.01)  # the service is down: its next start listens at the same port
                    continue
                code, named = answer.split(b"\rMSA|", 1)[1].split(b"\r")[0].split(b"|")[:2]
                assert named.decode() == control
                if code == b"AA":
                    self.acknowledged.append(control)
                    break
                if code == b"AR":
                    self.refused.append((control, answer))
                    break
            self.latencies.append(time.perf_counter() - begun)
            n += 1
        if line is not None:
            line.close()

    @staticmethod
    def _answer(line):
        data = b""
        while not data.endswith(b"\x1c\r"):
            more = line.recv(4096)
            if not more:
                raise ConnectionError("closed")
            data += more
        return data
