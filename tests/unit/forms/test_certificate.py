"""The restoration certificate as pages."""

from __future__ import annotations

from typing import Any

import pytest

from desktop.forms import certificate
from localdb.records.ids import entry_id
from tests.unit.forms import checks, paper


def data(entries: int, open_: int, **changed: Any) -> dict[str, Any]:
    at = {"text": "2026-11-24T09:12:00+00:00"}
    made = [
        {
            "id": entry_id("key", n),
            "number": f"07A-{n}",
            "kind": "phoned_result",
            "written": at,
            "staff": "Adaeze Obi",
            "corrects": entry_id("key", n - 1) if n == 3 else None,
            "state": "needs_person" if n <= open_ else "confirmed",
            "reason": "restore.there: it was read back at the target",
            "resources": [f"Observation/{n}", f"Provenance/{n}"],
        }
        for n in range(1, entries + 1)
    ]
    open_sheets = [{"serial": paper.serial("F02"), "form": "F02", "state": "printed"}] if open_ else []
    return {
        "at": at,
        "staff": "Adaeze Obi",
        "site": "Northmoor University Hospital",
        "target": "https://fhir.example.org/R4",
        "balanced": not open_,
        "confirmed": entries - open_,
        "needs_person": open_,
        "total": entries,
        "entries": made,
        "sheets": {"issued": 3, "entered": 1, "scanned": 1, "void": 1 - bool(open_)},
        "open": {
            "entries": [e["id"] for e in made[:open_]],
            "sheets": open_sheets,
            "missing": ["W07AF02000023"][:open_],
        },
        **changed,
    }


@pytest.mark.parametrize(("entries", "open_"), [(0, 0), (1, 0), (60, 0), (60, 12)])
def test_every_entry_and_everything_open_stands_on_it(entries: int, open_: int) -> None:
    made = data(entries, open_)
    pdf = certificate.certificate_pdf(made)
    assert pdf == certificate.certificate_pdf(made)
    wanted = [e[k] for e in made["entries"] for k in ("id", "number")] + [
        r for e in made["entries"] for r in e["resources"]
    ]
    wanted += ["NOT BALANCED" if open_ else "BALANCED", f"{made['confirmed']}", "sheets issued 3, entered 1, scanned 1"]
    wanted += [s["serial"] for s in made["open"]["sheets"]] + made["open"]["missing"]
    assert checks.missing(wanted, pdf) == []
    texts = checks.page_texts(pdf)
    assert ("NOT BALANCED" in texts[0]) == bool(open_)
    assert all(f"{n + 1} of {len(texts)}" in t for n, t in enumerate(texts))


def test_its_plain_form_says_the_same(monkeypatch: pytest.MonkeyPatch) -> None:
    made = data(20, 3)
    monkeypatch.setattr(certificate, "_pages", lambda made, zone: 1 / 0)
    pdf = certificate.certificate_pdf(made)
    wanted = [e["number"] for e in made["entries"]] + ["NOT BALANCED", "confirmed 17", "needs a person 3"]
    assert checks.missing(wanted, pdf) == []
