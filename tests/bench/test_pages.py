"""Pages a second of every form, beside reportlab setting the same strings at the same places in the same run; the memory
of 400 pages (issue 7, Measure). The table is printed: `pytest -m bench -s tests/bench/test_pages.py`.
"""

from __future__ import annotations

import io
import subprocess
import sys
import time
from collections.abc import Callable

import pytest
from reportlab.pdfgen.canvas import Canvas

from desktop.forms import catalogue
from desktop.forms.frame import A4
from desktop.forms.sheet import Placed
from desktop.forms.type import registered
from tests.bench.limits import within
from tests.unit.forms import paper

_MEMORY = """
from pathlib import Path
from desktop.forms import catalogue
from tests.unit.forms import paper
chart = paper.chart()
def held(name):
    lines = Path("/proc/self/status").read_text().splitlines()
    return next(int(line.split()[1]) for line in lines if line.startswith(name)) / 1024
def pack(pages):
    made = catalogue.render_pack([("F02", paper.model("F02", chart, n=n)) for n in range(pages // 2)])
    assert made.faults == () and sum(made.pages) >= pages
pack(20)
before = held("VmRSS")
Path("/proc/self/clear_refs").write_text("5")  # the highest mark begins anew
pack(400)
print(held("VmHWM") - before)
"""


def _bare(placed: tuple[Placed, ...]) -> None:
    canvas = Canvas(io.BytesIO(), pagesize=A4, invariant=1, pageCompression=1)
    registered("IBMPlexSans-Regular")
    page = 1
    for p in placed:
        if p.page != page:
            canvas.showPage()
            page = p.page
        canvas.setFont("IBMPlexSans-Regular", 10)
        canvas.drawString(p.left, A4[1] - p.bottom, p.text)
    canvas.save()


def _best(work: Callable[[], object], rounds: int = 3) -> float:
    """Seconds of the processor in the fastest round: what else the machine does is not measured."""
    out = []
    for _ in range(rounds):
        start = time.process_time()
        work()
        out.append(time.process_time() - start)
    return min(out)


@pytest.mark.bench
def test_pages_a_second_of_every_form() -> None:
    rows = []
    for code in catalogue.FORMS:
        jobs = [(code, paper.filled(code, n=n)) for n in range(1, 4)]
        made = catalogue.render_pack(jobs)  # fonts and codes are read once a process, as in the window
        assert made.faults == ()
        own, bare = _best(lambda jobs=jobs: catalogue.render_pack(jobs)), _best(lambda made=made: _bare(made.placed))
        pages = sum(made.pages)
        rows.append((code, pages, pages / own, own / bare))
        speed = f"{pages / own:6.1f} pages/s  {1000 * own / pages:6.1f} ms/page  {own / bare:5.1f} x bare"
        print(f"{code}  {pages / len(jobs):4.1f} pages  {speed}", flush=True)
    slowest = max(rows, key=lambda row: row[3])
    assert within("a page of any form", slowest[3]), slowest


@pytest.mark.bench
def test_the_memory_of_400_pages() -> None:
    done = subprocess.run([sys.executable, "-c", _MEMORY], capture_output=True, check=True, text=True)
    more = float(done.stdout)
    print(f"400 pages in one PDF: {more:.0f} MiB more than 20 pages")
    assert within("400 pages", more / 64)
