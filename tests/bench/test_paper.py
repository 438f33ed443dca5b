"""28 summaries to one PDF (DESIGN §6), against bare reportlab setting the same strings at the same places."""

from __future__ import annotations

import io
import time

import pytest
from reportlab.pdfgen.canvas import Canvas

from desktop.forms import catalogue
from desktop.forms.frame import A4
from desktop.forms.sheet import Placed
from desktop.forms.type import registered
from localdb.records.vocabulary import HumanName
from tests.bench.limits import within
from tests.unit.forms import paper

BEDS = 28


def _pack() -> list[tuple[str, catalogue.FormModel]]:
    people = [
        paper.patient(
            id=f"P{n:013d}", name=HumanName(paper.FAMILIES[n % 18], (paper.GIVEN[n % 12],)), nhs=paper.nhs(n + 9)
        )
        for n in range(BEDS)
    ]
    return [("F02", paper.model("F02", paper.chart(who), n=n)) for n, who in enumerate(people)]


def _bare(placed: tuple[Placed, ...]) -> bytes:
    """The same words at the same places, in one font, and nothing else."""
    out = io.BytesIO()
    canvas = Canvas(out, pagesize=A4, invariant=1, pageCompression=1)
    registered("IBMPlexSans-Regular")
    page = 1
    for p in placed:
        if p.page != page:
            canvas.showPage()
            page = p.page
        canvas.setFont("IBMPlexSans-Regular", 10)
        canvas.drawString(p.left, A4[1] - p.bottom, p.text)
    canvas.save()
    return out.getvalue()


@pytest.mark.bench
def test_twenty_eight_summaries(benchmark) -> None:  # type: ignore[no-untyped-def]
    jobs = _pack()
    made = catalogue.render_pack(jobs)  # fonts are read once a process, as in the window
    assert made.faults == ()
    bare = []
    for _ in range(5):
        start = time.perf_counter()
        _bare(made.placed)
        bare.append(time.perf_counter() - start)
    benchmark.pedantic(catalogue.render_pack, args=(jobs,), rounds=5)
    ratio = benchmark.stats.stats.min / min(bare)
    print(f"28 summaries, {sum(made.pages)} pages: {benchmark.stats.stats.min:.2f} s, {ratio:.1f} x bare reportlab")
    assert within("28 summaries", ratio), ratio
