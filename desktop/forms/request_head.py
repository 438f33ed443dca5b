"""What every request says at its head: where from, who asks, how soon, why; from a request that the ward typed, or blank.

A typed request fills a form for a day, while it stands; the sampler's part stays empty. Tests of the blood bank stand on
the transfusion request alone (H16): other requests say where they belong.
"""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta

from desktop.forms.blanks import Field
from desktop.forms.chart_text import short
from desktop.forms.language import tr
from desktop.forms.model import FormModel
from desktop.forms.parts import Fields, Part
from localdb.chart import wording
from localdb.chart.struck import struck
from localdb.chart.views import Entry

PRIORITIES = ("routine", "urgent", "emergency")
_WORDS = {"asap": "as soon as possible", "stat": "at once"}


def asked(model: FormModel, wanted: Callable[[Entry], bool]) -> Entry | None:
    """The newest request that the ward typed about this patient within a day, still stands, and is `wanted`."""
    if model.chart is None:
        return None
    since = model.printed_at - timedelta(days=1)
    return next(
        (
            e
            for e in model.chart.entries
            if e.kind == "request"
            and not e.corrected_by
            and e.written.instant is not None
            and e.written.instant >= since
            and wanted(e)
        ),
        None,
    )


def kind_of(entry: Entry) -> str:
    return str(entry.body.get("kind", "")).strip().casefold()


def tests_of(entry: Entry | None) -> list[str]:
    """The tests as typed, each on one line."""
    every = entry.body.get("tests", ()) if entry is not None else ()
    return [t for t in (wording.clean(str(t)) for t in every) if t]


def said(entry: Entry | None, name: str) -> str:
    return wording.clean(str(entry.body.get(name) or "")) if entry is not None else ""


def requester(entry: Entry | None) -> str:
    """Who typed it, with its number."""
    return wording.clean(f"{entry.staff}, no. {entry.number}") if entry is not None else ""


def priority(entry: Entry | None) -> str:
    """As the ward typed it: `asap` and `stat` are said in words."""
    typed = said(entry, "priority")
    return tr(_WORDS.get(typed, typed)) if typed else ""


def location(model: FormModel) -> str:
    if model.chart is None:
        return ""
    patient = model.chart.patient
    return wording.clean(", ".join(t for t in (patient.ward, f"bed {patient.bed}" if patient.bed else "") if t))


def detail(model: FormModel, entry: Entry | None) -> str:
    """Why it is asked for: as the ward typed it, else the reason for being here."""
    typed = said(entry, "reason")
    return typed or (wording.clean(model.chart.patient.reason) if model.chart is not None else "")


def rationed(model: FormModel) -> str:
    """What a struck laboratory asks of a request; empty where it is not struck (CLINICAL §3.3)."""
    found = struck(model.sources, "result", titles=model.site.titles)
    if not found:
        return ""
    words = tr("LABORATORY DOWN{since}: ESSENTIAL TESTS ONLY, WITH REASON AND PHONE NUMBER")
    since = found[0].since
    return words.format(since=" " + tr("SINCE {when}").format(when=short(model, since)) if since is not None else "")


def where_and_who(model: FormModel, entry: Entry | None, height: float) -> Fields:
    return Fields(
        Field("Location", 0.42, location(model)), Field("Requester", 0.38, requester(entry)), Field("bleep", 0.2),
        height=height,
    )  # fmt: skip


def how_soon(entry: Entry | None, share: float, ticks: tuple[str, ...] = PRIORITIES) -> Field:
    typed = priority(entry)
    return Field("Priority", share, typed) if typed else Field("Priority", share, ticks=ticks, ruled=False)


def who_and_how_soon(model: FormModel, entry: Entry | None, high: float) -> list[Part]:
    """Who asks and how soon. Ward and bed stand in the identity block with their time: a blank has a line for them."""
    if model.chart is None:
        return [where_and_who(model, entry, high), Fields(how_soon(entry, 1.0), height=min(high, 17))]
    return [Fields(Field("Requester", 0.34, requester(entry)), Field("bleep", 0.2), how_soon(entry, 0.46), height=high)]
