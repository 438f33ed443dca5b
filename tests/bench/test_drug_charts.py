"""28 drug charts to one PDF (DESIGN §6: ≤ 5 s), against bare reportlab setting the same strings at the same places; the
pages a second of each drug print; memory.
"""

from __future__ import annotations

import resource
import sys
import time
from datetime import timedelta

import pytest

from desktop.forms import catalogue
from localdb.records.moments import from_instant
from localdb.records.vocabulary import HumanName
from tests.bench.limits import within
from tests.bench.test_paper import BEDS, _bare
from tests.unit.forms import drugs, paper

DRUGS = (
    ("sodium zirconium cyclosilicate LOKELMA", "10 g", "three times a day, 02:45, 10:00, 18:00"),
    ("levofloxacin", "500 mg", "twice a day, 08:00, 20:00"),
    ("apixaban", "2.5 mg", "twice a day, 08:00, 20:00"),
    ("insulin glargine LANTUS", "14 units", "once a day, 22:00"),
    ("atorvastatin", "20 mg", "once a day, 22:00"),
    ("furosemide", "40 mg", "once a day, 08:00"),
    ("warfarin", "3 mg", "once a day, 18:00"),
    ("sodium chloride 0.9 %", "1 litre", "125 mL/h"),
)


def _jobs(form: str) -> list[tuple[str, catalogue.FormModel]]:
    """A ward of 28 with eight orders, two if needed, and a day of doses each."""
    items = [
        drugs.order(
            name, dose, often, route="intravenous" if "mL/h" in often else "oral", reason="as sent", form="tablet"
        )
        for name, dose, often in DRUGS
    ]
    items += [drugs.order("paracetamol", "1 g", "at least 4hr apart", as_needed=True),
              drugs.order("morphine", "5 mg", "at least 2hr apart", as_needed=True)]  # fmt: skip
    doses = [
        drugs.given(one.text, "2026-11-23T20:05", happened=from_instant(drugs.NOW - timedelta(hours=h)))
        for one in items
        for h in (4, 9, 15)
    ]
    chart = drugs.chart(*items, *doses)
    made = []
    for n in range(BEDS):
        who = paper.patient(
            id=f"P{n:013d}", name=HumanName(paper.FAMILIES[n % 18], (paper.GIVEN[n % 12],)), nhs=paper.nhs(n + 9)
        )
        made.append((form, paper.model(form, type(chart)(patient=who, lists=chart.lists, sources=chart.sources), n=n)))
    return made


def _rate(form: str) -> tuple[float, int, float, float]:
    """Seconds of the processor for 28 of a form, its pages, ratio to bare reportlab, pages a second."""
    jobs = _jobs(form)
    made = catalogue.render_pack(jobs)  # fonts are read once a process, as in the window
    assert made.faults == ()
    bare, ours = [], []
    for _ in range(3):
        start = time.process_time()
        _bare(made.placed)
        bare.append(time.process_time() - start)
        start = time.process_time()
        catalogue.render_pack(jobs)
        ours.append(time.process_time() - start)
    pages = sum(made.pages)
    return min(ours), pages, min(ours) / min(bare), pages / min(ours)


def _peak() -> float:
    """The most memory that this process had, in MiB (ru_maxrss is in KiB on Linux, in bytes on macOS)."""
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / (1024 * 1024 if sys.platform == "darwin" else 1024)


@pytest.mark.bench
@pytest.mark.parametrize("form", drugs.FORMS)
def test_drug_prints_of_a_ward(form: str) -> None:
    """The budget of F11 is that of DESIGN §6; the others share what they are made of."""
    catalogue.render_pack(_jobs(form))
    first = _peak()
    took, pages, ratio, rate = _rate(form)
    peak = _peak()
    print(
        f"28 x {form}: {pages} pages in {took:.2f} s, {rate:.0f} pages/s, {ratio:.1f} x bare reportlab, {peak:.0f} MiB"
    )
    assert within("28 drug charts", ratio), ratio
    assert within("memory of drug charts", peak / first), (first, peak)
