"""Made-up orders and doses for the drug prints, and what is read off their pages. No real person."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

from desktop.forms import catalogue
from desktop.forms.model import FormModel
from localdb.chart.views import Chart
from localdb.records.moments import Moment, read_moment
from localdb.records.vocabulary import Administration, Medicine, Record
from tests.unit.forms import checks, paper

NOW = paper.NOW  # 24-Nov-2026 03:14, a Tuesday
CUT = NOW - timedelta(minutes=36)  # of the doses in paper.sources(): 02:38
FORMS = ("F11", "F12", "F13", "F14", "F24")


def at(text: str) -> Moment:
    return read_moment(f"{text}:00+00:00")


def order(name: str, dose: str = "1 g", often: str = "once a day", **more: Any) -> Medicine:
    """An order of EPMA whose id is its name; `due` as texts, `times` as sent."""
    due = tuple(at(t) for t in more.pop("due", ()))
    made: dict[str, Any] = {
        **(paper.ids() | {"source": "EPMA", "source_id": name.split(" ")[0]}),
        "text": name, "dose": dose, "route": "oral", "frequency": often, "status": "active", "due": due,
        "happened": at("2026-11-20T08:00"), "author": "Dr E. Coulson",
    }  # fmt: skip
    if more.get("times"):
        made["every"] = "1 d"
    return Medicine(**{**made, **more})


def given(name: str, when: str, status: str = "completed", **more: Any) -> Administration:
    made: dict[str, Any] = {
        **(paper.ids() | {"source": "EPMA"}), "text": name, "dose": "1 g", "route": "oral", "status": status,
        "happened": at(when), "author": "J. Mensah", "request": f"MedicationRequest/{name.split(' ')[0]}",
    }  # fmt: skip
    return Administration(**{**made, **more})


def chart(*items: Medicine | Administration, **lists: tuple[Record, ...]) -> Chart:
    doses = sorted((i for i in items if isinstance(i, Administration)), key=lambda d: -(d.happened.utc or 0))  # type: ignore[union-attr]
    orders = tuple(i for i in items if isinstance(i, Medicine))
    return paper.chart(medicines=orders, administrations=tuple(doses), **lists)


def model(form: str, *items: Medicine | Administration, **lists: Any) -> FormModel:
    changed = {k: lists.pop(k) for k in ("printed_at", "site", "sources") if k in lists}
    return paper.model(form, chart(*items, **lists), **changed)


def pieces(made: FormModel, form: str = "F11") -> list[str]:
    """Each piece of text of the pages, in the order of drawing."""
    rendered = catalogue.render_pack([(form, made)])
    assert rendered.faults == ()
    return [p.text.replace("\u00a0", " ") for p in rendered.placed]


def page_words(made: FormModel, form: str = "F11") -> str:
    """All that stands on the pages, in the order of drawing, lines run on."""
    return " ".join(" ".join(pieces(made, form)).split())


def box_words(made: FormModel, drug: str, form: str = "F11") -> str:
    """What stands in the box of one order: from its name to the signature."""
    found = pieces(made, form)
    start = next(n for n, text in enumerate(found) if text.startswith(drug))
    end = next(n for n in range(start, len(found)) if found[n] == "Prescriber sign")
    return " ".join(" ".join(found[start:end]).split())


def faults(made: FormModel, form: str) -> list[str]:
    """What is wrong with the pages of a sheet: lost, overlapping or out of the area."""
    rendered = catalogue.render_pack([(form, made)])
    found = [f"design failed: {f}" for f in rendered.faults]
    found += [f"not drawn: {t}" for t in checks.not_drawn(catalogue.text_model(form, made), rendered.placed)]
    found += [f"one on another: {a} / {b}" for a, b in checks.overlaps(rendered.placed)]
    return found + [f"over the edge: {t}" for t in checks.outside(rendered.placed, (595.3, 841.9))]
