"""A side that is said twice and differently is a warning; nothing else is."""

from __future__ import annotations

import pytest

from localdb.pixels.sides import side_warning, sides_in


@pytest.mark.parametrize(
    ("name", "sides"),
    [
        ("XR Left wrist", "L"), ("XR WRIST RT", "R"), ("Knee R", "R"), ("Hand (L)", "L"), ("KNEE_L_AP", "L"),
        ("Bilateral knees", "B"), ("XR both hips", "B"), ("Left and right hand", "LR"), ("CT brain", ""), ("", ""),
        ("L spine", ""), ("XR L/S SPINE", ""), ("C T L SPINE", ""), ("R/O fracture", ""), ("L1 vertebra", ""),
        ("Chest left lateral", ""), ("ABDO RIGHT LATERAL DECUBITUS", ""), ("Chest RAO", ""), ("LUQ pain", ""),
        ("left lateral knee, RIGHT", "R"), ("Rechte Hand", ""), ("RT-DOSE", ""), ("HIP RT AP", "R"),
    ],
)  # fmt: skip
def test_the_sides_of_a_name(name: str, sides: str) -> None:
    assert sides_in(name) == set(sides)


@pytest.mark.parametrize(
    ("tags", "names", "warns"),
    [
        (["L"], ["XR right wrist"], True), (["R"], ["XR right wrist"], False), (["R", "L"], ["XR wrist"], True),
        (["L"], ["XR wrist"], False), ([""], ["XR right wrist"], False), (["U"], ["XR right wrist"], False),
        (["L"], ["XR both wrists"], False), (["B"], ["XR left wrist"], True), (["B"], ["Bilateral knees"], False),
        (["B", "L"], ["XR left wrist"], False), (["l "], ["Wrist RT"], True), ([], [], False),
        (["R"], ["XR left wrist", "AP right"], False), (["Left"], ["XR RIGHT HAND"], True),
    ],
)  # fmt: skip
def test_only_plain_contradictions_warn(tags, names, warns) -> None:
    assert bool(side_warning(tags, names)) == warns


def test_the_sentence_names_both() -> None:
    found = side_warning(["L"], ["XR right wrist"])
    assert found == "The image says LEFT, the examination RIGHT: check which side this is"
