"""Examinations of the copy for requests and evaluations: name, time, how far each has come, as sent (CLINICAL §4.1)."""

from __future__ import annotations

from datetime import timedelta

from desktop.forms.chart_text import held_back, short
from desktop.forms.copied import absent
from desktop.forms.language import tr
from desktop.forms.model import FormModel
from localdb.chart import wording
from localdb.chart.reports import (
    ADDENDED,
    CANCELLED,
    CORRECTED,
    FINAL,
    NOT_REPORTED,
    PRELIMINARY,
    WITHDRAWN,
    Examination,
    examinations,
)

_DONE = frozenset({NOT_REPORTED, PRELIMINARY, FINAL, ADDENDED, CORRECTED})


def shown(model: FormModel) -> tuple[Examination, ...]:
    """Examinations that were done, newest first; none that any of its records marks as restricted."""
    if model.chart is None:
        return ()
    every = examinations(model.chart)
    return tuple(e for e in every if not _is_restricted(e) and e.status not in (CANCELLED, WITHDRAWN))


def _is_restricted(found: Examination) -> bool:
    return any(r is not None and r.restricted for r in (found.report, found.study, found.request))


def words(model: FormModel, found: Examination) -> str:
    """`CT head, 23-Nov 22:12, PRELIMINARY, no. RF-2291`."""
    number = f"no. {found.accession}" if found.accession else ""
    status = found.status.removeprefix("performed, ")
    return wording.clean(", ".join(p for p in (found.name, short(model, found.moment), status, number) if p))


def previous(model: FormModel, most: int = 5) -> tuple[str, ...]:
    """The newest `most` that were done, how many there are, and why there is none."""
    if model.chart is None:
        return ()
    done = [e for e in shown(model) if e.status in _DONE]
    if not done:
        return (absent(model.chart, "reports", "images"),)
    count = tr("{shown} of {all} shown").format(shown=most, all=len(done)) if len(done) > most else ""
    kept = held_back(r for name in ("reports", "images") for r in model.chart.lists[name].items if r.restricted)
    return tuple(t for t in (*(words(model, e) for e in done[:most]), count, *kept) if t)


def unreported(model: FormModel, most: int = 3) -> tuple[str, ...]:
    """What was done within the last three days and has no final report in this copy: any of these may be meant."""
    since = model.printed_at - timedelta(days=3)
    waiting = [
        e for e in shown(model)
        if e.status in (NOT_REPORTED, PRELIMINARY) and e.moment is not None and e.moment.instant is not None
        and e.moment.instant >= since
    ]  # fmt: skip
    left = len(waiting) - most
    more = (tr("{count} more without a formal report").format(count=left),) if left > 0 else ()
    return (*(words(model, e) for e in waiting[:most]), *more)
