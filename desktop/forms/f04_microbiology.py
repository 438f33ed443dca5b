"""F04 Microbiology request: two A5 copies on one A4, for the laboratory and for the notes; one form for each specimen.

Antibiotics and what the record says of infection, pregnancy and immunity come from the copy, each with its time; a
medicine counts as an antibiotic by the site's list of names alone, and the form says so where none is recognised. The
boxes stay open: a person answers them at the bedside.
"""

from __future__ import annotations

from desktop.forms import copied
from desktop.forms.blanks import DATE, TIME, Field
from desktop.forms.f03_blood_request import LAB_LABEL
from desktop.forms.known import Fact, beside_label, fact, known
from desktop.forms.language import tr
from desktop.forms.model import FormModel
from desktop.forms.parts import Banner, Fields, Fitted, Part, form_of
from desktop.forms.request_head import (
    asked,
    detail,
    kind_of,
    rationed,
    said,
    tests_of,
    who_and_how_soon,
)
from localdb.chart.microbiology import is_micro_name
from localdb.chart.transfusion import names_transfusion
from localdb.chart.views import Entry

ANTIBIOTICS = ("antibiotic", "glycopeptide_aminoglycoside", "antiretroviral")
RISK = (
    r"infect|isolat|MRSA|\bMSSA\b|\bCPE\b|\bCRE\b|\bVRE\b|\bGRE\b|\bESBL\b|c\.? ?diff|clostridi|resist|tubercul|\bTB\b"
    r"|norovirus|influenza|covid|sars-?cov|hepatitis|\bHIV\b|pregnan|gravid|immun|neutropen|transplant|asplen|splenectomy"
    r"|chemotherap"
)
_KINDS = frozenset({"microbiology", "micro", "bacteriology", "virology", "mycology"})
_NOT_SAID = "infection, pregnancy, immunity {absent}"


def _request(model: FormModel) -> Entry | None:
    """A request typed for microbiology, else a laboratory one that asks for a test of microbiology."""
    return asked(model, lambda e: kind_of(e) in _KINDS or (kind_of(e) == "laboratory" and bool(_tests(e))))


def _tests(entry: Entry | None) -> list[str]:
    every = [t for t in tests_of(entry) if not names_transfusion(t)]
    if entry is None or kind_of(entry) in _KINDS:
        return every
    return [t for t in every if is_micro_name(t)]


def _record(model: FormModel) -> Fact | None:
    """What alerts and problems say of infection, pregnancy and immunity: beside the boxes, never in them."""
    if model.chart is None:
        return None
    found = copied.named(model, RISK, "alerts", "problems")
    texts = found or (tr(_NOT_SAID).format(absent=copied.absent(model.chart, "alerts", "problems")),)
    return fact(model, "Record says", (*texts, *copied.held(model.chart, "alerts")), "alert", "problem")


def parts(model: FormModel) -> list[Part]:
    entry, down = _request(model), rationed(model)
    tests = _tests(entry)
    record = _record(model)
    drugs = copied.medicines(model, ANTIBIOTICS, brief=True) or (copied.none_named(model, "antibiotics"),)

    def rows(high: float) -> list[Part]:
        return [
            *([Banner(down)] if down else []),
            *who_and_how_soon(model, entry, high),
            Fields(Field("Specimen and site", 0.56, "; ".join(tests)),
                   Field(f"taken  {DATE}  {TIME}", 0.44, ruled=False), height=high),
            Fields(Field("", 0.56, ticks=("culture", "PCR", "serology", "other"), ruled=False),
                   Field("Pregnant", 0.44, ticks=("yes", "no", "not known"), ruled=False), height=min(high, 14.5)),
            Fields(Field("Clinical detail", 1.0, detail(model, entry)), height=high),
            known(model, "Antibiotics, current and recent" if model.chart is None else "Antibiotics", drugs, "medicine",
                  height=high),
            beside_label(
                [
                    [Field("Travel, where and when", 0.62), Field("Outbreak ref.", 0.38)],
                    [Field("Immunosuppressed", 0.62, ticks=("yes", "no", "not known"), ruled=False),
                     Field("Infection risk", 0.38, ticks=("yes", "no"), ruled=False)],
                    [Field("Which", 0.5), Field("Taken by", 0.5)],
                    [Field("PHONE RESULT TO", 0.7, said(entry, "phone")), Field("ext.", 0.3)],
                ],
                LAB_LABEL, high, share=0.73, least=44, above=record,
            ),
        ]  # fmt: skip

    return [Fitted(rows)]


FORM = form_of(
    parts, code="F04", title="Microbiology request", size="2 A5 on A4", parts_for=("laboratory", "notes"),
    use="One form for each specimen. NOT for transfusion samples.", allergies=False, two_sided=False,
)  # fmt: skip
