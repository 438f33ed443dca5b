"""The problems of the copy as a section: each with its date; resolved ones counted (CLINICAL §6, F02, F19)."""

from __future__ import annotations

from desktop.forms import outline as o
from desktop.forms.chart_text import as_of, day, empty_text, held_back, shown
from desktop.forms.language import tr
from desktop.forms.model import FormModel
from localdb.chart import wording
from localdb.chart.views import KNOWN
from localdb.records.vocabulary import Problem

_PAST = ("inactive", "resolved", "remission")
_NOT_SO = ("refuted", "entered-in-error")


def problems_section(model: FormModel, title: str = "Problems in the copy") -> o.Section:
    """Standing problems, newest first as the copy has them; empty on a blank."""
    chart = model.chart
    if chart is None:
        return o.Section(title=tr(title))
    every = [r for r in shown(chart.problems.items) if isinstance(r, Problem) and r.verification not in _NOT_SO]
    found = [r for r in every if r.clinical not in _PAST]
    rows: list[o.Row] = [o.Pair(left=wording.clean(r.text), right=day(model, r.happened or r.said)) for r in found]
    if not found:
        rows.append(o.Text(text=empty_text(chart.problems.state, "problems"), strong=chart.problems.state != KNOWN))
    over = len(every) - len(found)
    if over:
        rows.append(o.Text(text=tr("{count} resolved or inactive, not printed.").format(count=over)))
    rows += [o.Text(text=t) for t in held_back(chart.problems.items)]
    return o.Section(title=tr(title), as_of=as_of(model, "problem"), rows=tuple(rows))
