"""H03 for images: no sheet carries a picture of anybody but its own patient, and each picture says itself whose it is.

Sabotage: the comparison is taken away; the words are no longer burnt in. The same checks then fail.
"""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from msgspec.structs import replace

from desktop.forms import catalogue, images_known, t02_image
from desktop.forms.pictures import OtherPatient
from desktop.printing import burning
from desktop.printing.image_wish import ImageWish
from desktop.printing.picturing import pictures_of
from localdb.records.vocabulary import HumanName
from tests.unit.forms import paper
from tests.unit.printing import images


def charts() -> tuple[Any, Any, images.Copy]:
    """Two people with the same studies in one copy."""
    chart, copy = images.rich()
    other = replace(paper.patient(), id="P0000OTHER0000", ids=(), name=HumanName("Alder", ("Ida",)), nhs=paper.nhs(3))
    return chart, replace(chart, patient=other), copy


def mixed() -> list[str]:
    """The forms that print a picture of somebody else."""
    mine, theirs, copy = charts()
    pictures = pictures_of(copy, theirs, [ImageWish(study=images.XRAY)], paper.NOW)
    found = []
    for code in ("T02", "F02"):
        try:
            catalogue.render(code, replace(paper.model(code, mine), pictures=pictures))
        except OtherPatient:
            continue
        found.append(code)
    return found


def nameless() -> list[str]:
    """Where two people's pictures of equal pixels cannot be told apart: in the bars, on the image."""
    mine, theirs, copy = charts()
    parts: dict[str, list[Any]] = {"bar": [], "image": []}
    for chart in (mine, theirs):
        (found,) = pictures_of(copy, chart, [ImageWish(study=images.XRAY)], paper.NOW)
        raster = found.raster
        made = np.frombuffer(raster.data, np.uint8).reshape(raster.height, raster.width)
        first = next(n for n in range(raster.height) if np.median(made[n]) > 20)  # a bar is black but for its letters
        end = first + 240 * raster.width // 200  # the image keeps its shape
        parts["image"].append(made[first:end])
        parts["bar"].append(made[end : end + 24])
    return [name for name, (one, other) in parts.items() if (one == other).all()]


def test_a_picture_of_somebody_else_is_on_no_sheet() -> None:
    assert mixed() == []


def test_each_picture_says_whose_it_is_in_its_pixels() -> None:
    assert nameless() == []


def test_the_copy_is_asked_for_the_patient_of_the_sheet_alone() -> None:
    mine, _, copy = charts()
    pictures_of(copy, mine, [ImageWish()], paper.NOW)
    assert set(copy.asked) == {mine.patient.id}


def test_sabotage_without_the_comparison_a_mixed_sheet_is_seen(monkeypatch: pytest.MonkeyPatch) -> None:
    for module in (t02_image, images_known):
        monkeypatch.setattr(module, "of_patient", lambda model: model.pictures or ())
    assert mixed() == ["T02", "F02"]


def test_sabotage_words_that_are_not_burnt_in_are_missed(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(burning, "_mask", lambda scale, wide, high, draw: np.zeros(
        (int((high + 2) * scale) + 1, int((wide + 2) * scale) + 1), np.uint8))  # fmt: skip
    assert nameless() == ["bar", "image"]
