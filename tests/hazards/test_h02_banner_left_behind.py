"""H02: the identity of one patient never stands over what is for another or for the ward, not for one paint.

Qt deletes a widget later than it is told to; until then it is painted where it stood. The sabotage takes the hiding away.
"""

from __future__ import annotations

import pytest

from desktop.shell.parts import MicroBanner
from desktop.shell.window import MainWindow
from tests.unit.desktop.ward_house import TWINS, FakeHouse
from tests.unit.desktop.window_stage import settle, window_on


def seen(window: MainWindow) -> list[str]:
    return [b.accessibleName() for b in window.findChildren(MicroBanner) if b.isVisible()]


def walk(window: MainWindow) -> dict[str, tuple[int, int]]:
    """(identities in sight at once, and when the answer is there) at each step of printing for one, another, the ward."""
    found = {}
    one, two = TWINS[0], TWINS[1]
    for name, person in (("one", one.id), ("another", two.id), ("the ward", "")):
        window.print_form("", person)
        at_once = len(seen(window))
        settle(window.context)
        found[name] = at_once, len(seen(window))
    return found


def test_no_identity_stays_when_paper_is_for_another_or_for_the_ward() -> None:
    with window_on(FakeHouse()) as window:
        assert walk(window) == {"one": (0, 1), "another": (0, 1), "the ward": (0, 0)}


def test_sabotage_without_hiding_the_former_identity_stays(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(MicroBanner, "leave", MicroBanner.deleteLater)
    with window_on(FakeHouse()) as window:
        found = walk(window)
    assert (found["another"][0], found["the ward"][0]) == (1, 1)
