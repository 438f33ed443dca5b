"""H13 on the drug prints: no dose, unit or name is clipped, parted, run together or lost (CLINICAL §5.2, §5.4).

The vectors of the rule (0.5, 1,000, micrograms) on each form; a seeded fuzz of names, doses, reasons and times through
all of them. Sabotage: a renderer that cuts, and one that no longer ties a number to its unit.
"""

from __future__ import annotations

import random

import pytest

from desktop.forms import catalogue, drug_box, f24_discharge
from desktop.forms.bidi import needs_order
from desktop.forms.model import FormModel
from desktop.forms.type import Line, width, wrap
from tests.conftest import LONG
from tests.hazards.test_h13_dose_misprint import DOSES, DRUGS, OFTEN, ROUTES, word
from tests.unit.forms import checks, drugs
from tests.unit.forms.drugs import FORMS, given, model, order

ROUNDS = 40 if LONG else 4
VECTORS = ("0.5 mg", "1,000 micrograms", "62.5 micrograms", "500 nanograms", "1.25 mg", "10 units", "2.5 mg in 2.5 mL")
# A name that brings an order on to each form, and how often makes it stand there.
NAMES = {"F11": "bisoprolol", "F12": "noradrenaline", "F13": "insulin aspart", "F14": "warfarin", "F24": "bisoprolol"}


def sheet(form: str, dose: str) -> FormModel:
    often = "4 mL/h" if form == "F12" else "once a day, 18:00"
    return model(form, order(NAMES[form], dose, often, route="intravenous" if form == "F12" else "oral"))


def parted(form: str, dose: str) -> list[str]:
    """What is wrong with one dose on one form: every figure of it must stand with its unit, whole, as it was sent."""
    rendered = catalogue.render_pack([(form, sheet(form, dose))])
    texts = [p.text.replace("\u00a0", " ") for p in rendered.placed]
    out = [] if any(dose in text for text in texts) else [f"{dose} is not in one piece on {form}"]
    pdf = checks.squeezed(" ".join(checks.page_texts(rendered.pdf)))
    return out if checks.squeezed(dose) in pdf else [*out, f"{dose} is not in the text of {form}"]


@pytest.mark.parametrize("form", FORMS)
@pytest.mark.parametrize("dose", VECTORS)
def test_each_vector_stands_whole_with_its_unit(form: str, dose: str) -> None:
    assert parted(form, dose) == []


def strange(form: str, seed: int) -> FormModel:
    """Orders of every section with the longest and strangest words."""
    chosen = random.Random(seed)
    items = []

    def clock() -> str:
        return f"{chosen.randint(0, 23):02d}:{chosen.randint(0, 59):02d}"

    for n in range(chosen.randint(3, 14)):
        name = f"{chosen.choice([*DRUGS, *NAMES.values(), 'methotrexate', 'morphine', word(chosen, 3, 90)])} {n}"
        items.append(
            order(
                name, chosen.choice([*DOSES, *VECTORS, word(chosen, 1, 60)]),
                chosen.choice([*OFTEN, "4 mL/h", "once only", "once a week, Mondays", word(chosen, 1, 120), ""]),
                route=chosen.choice([*ROUTES, ""]), source_id=f"s{n}", reason=word(chosen, 0, 200),
                instructions=word(chosen, 0, 160), as_needed=chosen.random() < 0.2, form=word(chosen, 0, 40),
                status=chosen.choice(["active"] * 6 + ["on-hold", "stopped", "odd"]), comments=(word(chosen, 0, 90),),
                times=tuple(clock() for _ in range(chosen.randint(0, 9))),
            )
        )  # fmt: skip
        items += [
            given(f"s{n}", f"2026-11-23T{h:02d}:05", dose=chosen.choice(DOSES)) for h in range(chosen.randint(0, 3))
        ]
    return model(form, *items)


def faults(form: str, made: FormModel) -> list[str]:
    rendered = catalogue.render_pack([(form, made)])
    facts = catalogue.text_model(form, made)
    missing = checks.missing((t for t in facts if not needs_order(t)), rendered.pdf)
    return [*drugs.faults(made, form), *(f"not on the page: {t}" for t in missing)]


@pytest.mark.parametrize("form", FORMS)
@pytest.mark.parametrize("seed", range(ROUNDS))
def test_the_page_says_what_the_orders_say(form: str, seed: int) -> None:
    assert faults(form, strange(form, seed)) == []


@pytest.fixture
def cutting(monkeypatch: pytest.MonkeyPatch) -> None:
    """A renderer that cuts what does not fit on one line."""

    def cut(spans, room, hanging=0):  # type: ignore[no-untyped-def]
        kept = []
        for text, style in wrap(spans, 10_000)[0].spans if spans else ():
            while text and sum(width(t, s) for t, s in kept) + width(text, style) > room:
                text = text[:-1]
            kept.append((text, style))
        return [Line(tuple(kept), room)]

    monkeypatch.setattr(drug_box, "wrap", cut)


@pytest.mark.usefixtures("cutting")
def test_sabotage_a_renderer_that_cuts_is_caught() -> None:
    assert any(f.startswith("not") for seed in range(3) for f in faults("F11", strange("F11", seed)))


def test_sabotage_a_number_that_is_not_tied_to_its_unit_is_caught(monkeypatch: pytest.MonkeyPatch) -> None:
    narrow = f24_discharge._MEDICINES
    monkeypatch.setattr(f24_discharge, "tied", lambda text: text)
    monkeypatch.setattr("desktop.forms.tables.glued", lambda text: text)
    columns = tuple(
        type(c)(c.head, share, c.style, c.align) for c, share in zip(narrow, (0.3, 0.1, 0.3, 0.18, 0.12), strict=True)
    )
    monkeypatch.setattr(f24_discharge, "_MEDICINES", columns)
    assert parted("F24", "1,000 micrograms") != []
