"""F03 Blood sciences request: two A5 copies on one A4 with a cut line, for the laboratory and for the notes (D10).

Not for transfusion: there is no box for a group or a crossmatch on it, and one that was typed is not printed as a test but
sent to its own form (H16). A request that the ward typed within the last day is written into it, with its number; the
sampler's part stays empty. While the laboratory is struck and the other systems live, a banner rations (CLINICAL §3.3).
"""

from __future__ import annotations

from collections.abc import Sequence

from desktop.forms import copied
from desktop.forms.blanks import DATE, TIME, Field
from desktop.forms.known import beside_label, known
from desktop.forms.language import tr
from desktop.forms.model import FormModel
from desktop.forms.parts import Banner, Fields, Fitted, Part, Ticks, form_of
from desktop.forms.request_head import asked, detail, kind_of, rationed, said, tests_of, who_and_how_soon
from localdb.chart.transfusion import names_transfusion
from localdb.chart.views import Entry

TESTS = (
    "FBC", "U&E", "LFT", "Bone profile", "CRP", "Clotting",
    "D-dimer", "Troponin", "Blood gas", "Glucose", "Lactate", "Magnesium",
)  # fmt: skip
NOT_TRANSFUSION = "NOT FOR TRANSFUSION SAMPLES: group and crossmatch have a form of their own"
NOT_HERE = "Typed, not asked for here: {tests}. Use the transfusion request F05."
LAB_LABEL = "Laboratory's own label or number (laboratory use)"


def _request(model: FormModel) -> Entry | None:
    return asked(model, lambda e: kind_of(e) == "laboratory")


def _tests(entry: Entry | None) -> tuple[frozenset[str], list[str], list[str]]:
    """Which boxes a typed request ticks, what stands under other tests to the letter, what belongs on F05."""
    wanted = tests_of(entry)
    boxes = {name.casefold(): name for name in TESTS}
    ticked = frozenset(boxes[w.casefold()] for w in wanted if w.casefold() in boxes)
    rest = [w for w in wanted if w.casefold() not in boxes]
    return ticked, [w for w in rest if not names_transfusion(w)], [w for w in rest if names_transfusion(w)]


def _anticoagulant(model: FormModel, found: Sequence[str], high: float) -> Part:
    """Which one and when last, as the copy has it (CLINICAL §6); lines to write on where it names none."""
    if found:
        return known(model, "Anticoagulant", found, "medicine")
    return Fields(
        Field("Anticoagulant", 0.3, ticks=("no", "yes"), ruled=False), Field("drug", 0.4),
        Field(f"last dose  {DATE}  {TIME}", 0.3, ruled=False), height=high,
    )  # fmt: skip


def parts(model: FormModel) -> list[Part]:
    entry, down = _request(model), rationed(model)
    thinned = copied.medicines(model, ("anticoagulant",), days=3)
    ticked, others, elsewhere = _tests(entry)

    def rows(high: float) -> list[Part]:
        return [
            Banner(NOT_TRANSFUSION),
            *([Banner(down)] if down else []),
            *who_and_how_soon(model, entry, high),
            Fields(Field("Copy to", 0.54), Field("Fasting", 0.46, ticks=("yes", "no", "not known"), ruled=False),
                   height=high),
            Fields(Field("Clinical detail", 1.0, detail(model, entry)), height=high),
            _anticoagulant(model, thinned, high),
            Ticks(TESTS, 6, min(high, 17) - 2, ticked),
            *([Banner(tr(NOT_HERE).format(tests=", ".join(elsewhere)))] if elsewhere else []),
            beside_label(
                [
                    [Field("Other tests", 1.0, ", ".join(others))],
                    [Field("Taken by", 0.46), Field(f"date  {DATE}  time  {TIME}", 0.54, ruled=False)],
                    [Field("PHONE RESULT TO", 0.7, said(entry, "phone")), Field("ext.", 0.3)],
                ],
                LAB_LABEL, high, least=min(62, 3.45 * high),
            ),
        ]  # fmt: skip

    return [Fitted(rows)]


FORM = form_of(
    parts, code="F03", title="Blood sciences request", size="2 A5 on A4", use="NOT for transfusion samples.",
    parts_for=("laboratory", "notes"), allergies=False, two_sided=False,
)  # fmt: skip
