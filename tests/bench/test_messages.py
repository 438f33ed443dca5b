"""HL7 v2 by network into the intake of the running service (DESIGN §6): acknowledgements, throughput, memory."""

from __future__ import annotations

import socket
import sqlite3
import threading
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from localdb.sources.hl7v2.reading import read_messages
from localdb.sources.profiles import SourceProfile
from tests.bench.reference import percentile, stretch_ms
from tests.conftest import LONG
from tests.flows.feeding.serving import Sender, Service, result_message

pytestmark = pytest.mark.bench


def sent(service: Service, senders: int, each: int, first: int) -> tuple[list[float], float]:
    """Seconds of each acknowledgement, and of all together."""
    threads = [Sender(service.port, first + who, each) for who in range(senders)]
    begun = time.perf_counter()
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    seconds = time.perf_counter() - begun
    assert sum(len(t.acknowledged) for t in threads) == senders * each
    assert not sum(t.resent for t in threads)
    return [s for t in threads for s in t.latencies], seconds


def streamed(service: Service, count: int) -> float:
    """Seconds for `count` messages of one sender that waits for no answer before it sends the next, as a replay does."""
    stream = b"".join(b"\x0b" + result_message(f"Q{n}", n) + b"\x1c\r" for n in range(count))
    with socket.create_connection(("127.0.0.1", service.port), 60) as line:
        begun = time.perf_counter()
        sending = threading.Thread(target=line.sendall, args=(stream,))
        sending.start()
        answered = 0
        while answered < count:
            data = line.recv(1 << 20)
            answered += data.count(b"\x1c")
        sending.join()
        return time.perf_counter() - begun


def parsing(messages: list[bytes]) -> float:
    """Seconds that the reader alone needs."""
    profile = SourceProfile()
    begun = time.perf_counter()
    for message in messages:
        read_messages("engine", message, "lims", profile)
    return time.perf_counter() - begun


def inserting(messages: list[bytes], path: Path) -> float:
    """Seconds that the same bytes need into a plain file, each in a durable transaction of its own."""
    connection = sqlite3.connect(path, isolation_level=None)
    connection.executescript("pragma journal_mode=wal; pragma synchronous=full; create table message(body blob)")
    begun = time.perf_counter()
    for message in messages:
        connection.execute("insert into message values(?)", (message,))
    seconds = time.perf_counter() - begun
    connection.close()
    return seconds


def test_acknowledgements(
    tmp_path: Path, kept: Callable[..., None], benchmark: Any, times: Callable[[int, int], int]
) -> None:
    """One sender that waits for each answer, twenty that do, and beside them parsing alone and plain inserts."""
    service = Service(tmp_path).start()
    try:
        sent(service, 1, 50, 900)
        unit = stretch_ms(300)
        alone, alone_seconds = sent(service, 1, times(500, 5000), 0)
        count, each = 20, times(50, 500)
        together, seconds = sent(service, count, each, 100)
        batch, in_batches = len(together), streamed(service, len(together))
        unit = (unit + stretch_ms(300)) / 2
        benchmark.pedantic(lambda: sent(service, 1, 1, 1000 + time.monotonic_ns()), rounds=5)
    finally:
        assert service.stop() == 0
    messages = [result_message(f"B{n}", n) for n in range(len(together))]
    parsed, inserted = parsing(messages), inserting(messages, tmp_path / "plain.db")
    more = {
        "unit_ms": round(unit, 2), "one_per_second": round(len(alone) / alone_seconds), "one_p50_ms": ms(alone, 0.5),
        "one_p99_ms": ms(alone, 0.99), "twenty_per_second": round(len(together) / seconds),
        "in_batches_per_second": round(batch / in_batches),
        "twenty_p50_ms": ms(together, 0.5), "twenty_p99_ms": ms(together, 0.99),
        "parsing_alone_per_second": round(len(messages) / parsed),
        "plain_inserts_per_second": round(len(messages) / inserted),
    }  # fmt: skip
    print(more)
    kept("acknowledgement p99, one sender", percentile(alone, 0.99) * 1000 / unit, **more)
    kept("a message in batches", in_batches / batch * 1000 / unit, **more)
    kept("a message of twenty senders", seconds / len(together) * 1000 / unit, **more)
    kept("a message of twenty senders / parsing + plain insert", seconds / (parsed + inserted), **more)


def ms(values: list[float], share: float) -> float:
    return round(percentile(values, share) * 1000, 1)


def test_memory_stays_flat(
    tmp_path: Path, kept: Callable[..., None], benchmark: Any, times: Callable[[int, int], int]
) -> None:
    """The service's memory after a tenth of the messages and at their end (100,000 under --long)."""
    total = times(3000, 100_000)
    service = Service(tmp_path).start()
    try:
        sent(service, 20, total // 200, 0)
        early = service.memory_mib()
        sent(service, 20, total // 20 - total // 200, 100)
        late = service.memory_mib()
        benchmark.pedantic(service.memory_mib, rounds=5)
    finally:
        assert service.stop() == 0
    kept(
        "memory at the end of the messages",
        late / early,
        early=round(early),
        late=round(late),
        messages=total,
        long=LONG,
    )
