"""What presentation states draw over one picture, and what is said of it."""

from __future__ import annotations

import math

import pytest

from localdb.pixels.annotations import Over, outline, over
from localdb.records.presentations import Drawing, Presentation, Target, Wording
from localdb.records.vocabulary import Instance


def state(presentation: Presentation | None, pointed: tuple[str, ...] = (), title: str = "Arrows") -> Instance:
    return Instance(id="R", patient="P", source="s", source_id="9", uid="9", study="1", series="2", title=title,
                    pointed=pointed, presentation=presentation)  # fmt: skip


LINE = Drawing("POLYLINE", ("1", "2", "3", "4"))


def test_what_is_drawn_is_about_this_image_and_frame() -> None:
    shown = Presentation(
        (LINE, Drawing("POLYLINE", ("5", "5", "6", "6"), (Target("b"),)),
         Drawing("POINT", ("9", "9"), (Target("a", (2,)),))),
        (Wording("nodule", ("1", "1")), Wording("see report")), "Dr Abara", ("window",),
    )  # fmt: skip
    both = [state(shown, ("a", "b")), state(None, ("a",))]
    found = over(both, "a")
    assert found.lines == (((1, 2), (3, 4)),) and found.texts == (((1, 1), "nodule"),)
    assert found.unplaced == ("see report",)
    assert found.words == "Annotations of Dr Abara: Arrows. Not applied: its window"
    assert len(over(both, "a", 1).lines) == 3, "the point of the second frame is a cross of two lines"
    assert ((5, 5), (6, 6)) in over(both, "b").lines and over(both, "c") == Over()


def test_a_state_that_draws_nothing_here_says_what_else_it_says() -> None:
    other = Presentation((Drawing("POLYLINE", ("5", "5", "6", "6"), (Target("b"),)),), (), "", ("rotation or flip",))
    assert over([state(other)], "a").words == "Annotations: Arrows not shown here. Not applied: its rotation or flip"
    assert over([state(Presentation())], "a") == Over()


def test_round_ones_are_round() -> None:
    (circle,) = outline(Drawing("CIRCLE", ("10", "20", "13", "24")))
    assert circle[0] == pytest.approx(circle[-1]) and all(math.dist(p, (10, 20)) == pytest.approx(5) for p in circle)
    (ellipse,) = outline(Drawing("ELLIPSE", ("0", "5", "20", "5", "10", "2", "10", "8")))
    assert all(((x - 10) / 10) ** 2 + ((y - 5) / 3) ** 2 == pytest.approx(1) for x, y in ellipse)


@pytest.mark.parametrize(
    "odd",
    [("POLYLINE", ("1", "x")), ("CIRCLE", ("1", "2")), ("POINT", ()), ("POLYLINE", ("nan",) * 4), ("?", ("1", "2"))],
)
def test_points_that_are_none_draw_nothing(odd: tuple[str, tuple[str, ...]]) -> None:
    assert outline(Drawing(*odd)) == []
