"""The label that stands under every picture and cannot be taken away: review only, whose picture, of when, how old the copy
is (CLINICAL §4.2 Label; hazards H01, H18)."""

from __future__ import annotations

from PySide6.QtGui import QPainter, QResizeEvent

from desktop.patient.keyed import KeyedWidget, PatientKey, Stand
from desktop.patient.words import section_age
from desktop.shell import paint
from desktop.shell.context import Context
from desktop.shell.spoken import long_dates
from desktop.shell.tokens import VIEWER
from desktop.shell.type import SEMIBOLD, font, width
from localdb.chart import wording
from localdb.chart.images import REVIEW_ONLY
from localdb.chart.reports import Examination
from localdb.chart.scanning import number_label
from localdb.chart.views import Chart

_EDGE, _LINE = 10, 23


def identity_facts(chart: Chart) -> tuple[str, ...]:
    """Whose picture it is, as the banner names them: name, date of birth, number (MRN where there is no NHS number)."""
    view = chart.patient
    number = view.nhs or view.mrn or ""
    words = f"{number_label(number)} {wording.nhs_number(number)}" if view.nhs else f"Hospital No. {number}"
    return (wording.display_name(view.name), wording.date(view.born, missing=wording.NOT_KNOWN), words if number else
            "no number known")  # fmt: skip


def study_facts(shown: Examination) -> str:
    return f"Study {wording.date_time(shown.moment, missing='time not recorded')}"


class ReviewLabel(KeyedWidget):
    """`tell` says which series and what else must be said; the identity is that of the chart for which it was made."""

    def __init__(self, context: Context, stand: Stand, key: PatientKey, chart: Chart) -> None:
        super().__init__(context.look, stand, key, chart)
        self._context = context
        self._facts: tuple[str, ...] = ()
        self._warning = ""
        self.setMinimumHeight(58)

    def tell(self, facts: tuple[str, ...], warning: str = "") -> None:
        """`facts`: study, series, image; `warning`: what must stand beside "review only"."""
        if (facts, warning) != (self._facts, self._warning):
            self._facts, self._warning = facts, warning
            self.retime()

    def retime(self) -> None:
        self.setAccessibleName(long_dates(self.words))
        self._fit()
        self.update()

    @property
    def age(self) -> str:
        found = section_age(self.chart, self._context.now(), "image")
        if not found.text:
            return "age of the copy not known"
        return found.text if found.text[:1].isalpha() else f"Copy complete to {found.text}"

    @property
    def words(self) -> str:
        """All that the label says."""
        said = (REVIEW_ONLY, self._warning, *identity_facts(self.chart), *self._facts, self.age)
        return ". ".join(x for x in said if x)

    def _lines(self) -> list[list[str]]:
        """The facts below the first line, as many on a line as it bears; none is cut."""
        room, lines, at = self.width() - _EDGE - 24, [[]], 0.0
        for fact in (*identity_facts(self.chart), *self._facts):
            wide = width(fact, "label", SEMIBOLD) + 16
            if lines[-1] and at + wide > room:
                lines.append([])
                at = 0.0
            lines[-1].append(fact)
            at += wide
        return lines

    def _first(self) -> list[str]:
        """The first line, or two where the age has no room beside it."""
        head = width(REVIEW_ONLY, "body", 700) + (width(self._warning, "label", SEMIBOLD) + 16 if self._warning else 0)
        beside = head + width(self.age, "label") + 24 <= self.width() - _EDGE - 24
        return [self.age] if beside else ["", self.age]

    def _fit(self) -> None:
        self.setFixedHeight(12 + _LINE * (len(self._lines()) + len(self._first())))

    def resizeEvent(self, event: QResizeEvent) -> None:
        self._fit()
        super().resizeEvent(event)

    def draw(self, painter: QPainter) -> None:
        painter.fillRect(self.rect(), VIEWER.color("sunken"))
        paint.upright(painter, 0, 0, self.height(), VIEWER.brass, _EDGE)
        x, baseline = _EDGE + 12.0, 24.0
        used = paint.draw_text(painter, x, baseline, REVIEW_ONLY, font("body", 700), VIEWER.brass)
        if self._warning:
            paint.draw_text(painter, x + used + 16, baseline, self._warning, font("label", SEMIBOLD), VIEWER.hi)
        first = self._first()
        paint.draw_text(painter, self.width() - 12, baseline, first[0], font("label"), VIEWER.ink2, right=True)
        for line in first[1:]:
            baseline += _LINE
            paint.draw_text(painter, x, baseline, line, font("label"), VIEWER.ink2)
        for line in self._lines():
            baseline += _LINE
            at = x
            for fact in line:
                at += paint.draw_text(painter, at, baseline, fact, font("label", SEMIBOLD), VIEWER.ink) + 16
