"""H03 (labels): every label and band of a pack is one patient's, by its words and by every code on it.

Sabotage: the labels of the patient before are kept.
"""

from __future__ import annotations

import random

import msgspec
import pytest

from desktop.forms import catalogue, f07_labels
from localdb.chart import wording
from localdb.chart.scanning import Band, SheetCode, read_scan
from localdb.records.vocabulary import HumanName
from tests.unit.forms import checks, paper
from tests.unit.forms.stocks import band_model, codes_of, label_model


def mixed(seeds: range) -> list[str]:
    """Labels and bands of one pack that are not their patient's, by words and by codes."""
    people = [paper.patient(id=f"P{n:013d}", name=HumanName(f"Family{chr(65 + n)}", ("Ann",)), nhs=paper.nhs(n * 3 + 40),
                            mrn=f"H7{n:05d}") for n in seeds]  # fmt: skip
    pack = [("F07", label_model(who, "L7160", 0)) for who in people] + [
        ("F10", band_model(who, "adult")) for who in people
    ]
    pack = [(code, msgspec.structs.replace(m, serial=paper.serial(code, n + 1))) for n, (code, m) in enumerate(pack)]
    random.Random(5).shuffle(pack)
    made = catalogue.render_pack(pack)
    out = []
    for page, (code, model) in enumerate(pack):
        assert model.chart is not None
        own = model.chart.patient
        text = checks.squeezed(checks.page_texts(made.pdf)[page])
        others = [w for w in people if w is not own]
        times = 21 if code == "F07" else 1
        if text.count(checks.squeezed(wording.nhs_number(own.nhs))) != times:
            out.append(f"{code}: own number")
        out += [f"{code}: another's number" for w in others if checks.squeezed(wording.nhs_number(w.nhs)) in text]
        for typed in codes_of(made.pdf, page):
            scan = read_scan(typed)
            if isinstance(scan, SheetCode):
                out += [] if (scan.serial, scan.key) == (model.serial, own.id) else [f"{code}: code of another sheet"]
            elif isinstance(scan, Band):
                numbers = {n for n in (scan.nhs, scan.mrn) if n}
                out += [] if numbers and numbers <= {own.nhs, own.mrn} else [f"{code}: code of another patient"]
    return out


def test_every_label_and_band_of_a_pack_is_its_patient_s() -> None:
    assert mixed(range(4)) == []


def test_sabotage_labels_kept_from_the_patient_before_are_caught(monkeypatch: pytest.MonkeyPatch) -> None:
    first: list[object] = []

    def stale(*said: object) -> object:
        if not first:
            first.append(honest(*said))
        return first[0]

    honest = f07_labels.laid
    monkeypatch.setattr(f07_labels, "laid", stale)
    assert any("another's number" in f for f in mixed(range(3)))
    assert any("code of another sheet" in f for f in mixed(range(3)))
