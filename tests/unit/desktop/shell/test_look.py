"""Tokens, painters, watch, strip, help: the promises of LOOK §2, §6-§8 that can be counted."""

from __future__ import annotations

from datetime import time, timedelta

from pytestqt.qtbot import QtBot

from desktop.help.content import KEYS, error_table, errors_markdown, pages
from desktop.lamp.state import cells
from desktop.shell.agestrip import AgeStrip, folded
from desktop.shell.icons import ICONS, icon
from desktop.shell.tokens import DARK, LIGHT, Look, style_sheet, theme_at
from desktop.shell.watch import Watch
from localdb.chart.staleness import AGEING, FRESH, NOT_SAFE
from tests.unit.desktop.ward_house import NOW, source


def test_the_style_sheet_stays_short() -> None:
    assert len(style_sheet(LIGHT).strip().splitlines()) <= 30


def test_dark_by_night() -> None:
    assert [theme_at(time(h)) for h in (5, 6, 20, 21, 0)] == [DARK, LIGHT, LIGHT, DARK, DARK]


def test_every_icon_is_there_in_its_colour(qtbot: QtBot) -> None:
    for name in ICONS:
        image = icon(name, "#A33B00", 20).toImage()
        drawn = [image.pixelColor(x, y) for x in range(20) for y in range(20)]
        solid = [c for c in drawn if c.alpha() > 200]
        assert solid, name
        assert all(abs(c.red() - 0xA3) < 4 and abs(c.green() - 0x3B) < 4 and c.blue() < 4 for c in solid), name


class Times:
    """Two clocks that a test moves."""

    def __init__(self) -> None:
        self.wall, self.steady = 1000.0, 50.0

    def go(self, seconds: float, asleep: float = 0.0) -> None:
        self.wall += seconds + asleep
        self.steady += seconds


def test_idle_and_sleep_lock_and_work_does_not(qtbot: QtBot) -> None:
    times, due = Times(), []
    watch = Watch(90, wall=lambda: times.wall, steady=lambda: times.steady)
    watch.lock_due.connect(due.append)
    for _ in range(89):
        times.go(1)
        watch.tick()
    assert due == []
    watch.touch()
    for _ in range(89):
        times.go(1)
        watch.tick()
    assert due == []
    times.go(1)
    watch.tick()
    assert due == ["idle"]
    watch.touch()
    times.go(1, asleep=600)
    watch.tick()
    assert due == ["idle", "sleep"]
    times.go(1, asleep=-3600)
    watch.tick()
    assert due == ["idle", "sleep", "sleep"], "a clock that is set back locks too"


def test_the_strip_never_runs_over_its_end_and_names_what_is_not_safe(qtbot: QtBot) -> None:
    strip = AgeStrip(Look())
    qtbot.addWidget(strip)
    some = (
        source("bank", timedelta(hours=5), ("result",)),
        source("lims", timedelta(minutes=40), ("result", "request")),
        source("pas", timedelta(minutes=2), ("patient", "stay", "allergy", "alert", "problem", "appointment")),
        source("epma", timedelta(minutes=4), ("medicine", "administration")),
        source("ris", timedelta(minutes=41), ("report", "image", "request")),
        source("docs", timedelta(hours=5), ("document",)),
    )
    made = cells(some, NOW)
    strip.show_cells(made)
    from desktop.shell.agestrip import _TITLE, _room
    from desktop.shell.type import width as wide

    for width in range(1093, 1920, 40):
        shown, _ = strip.arranged(width)
        used = 24 + wide(_TITLE, "label", 500) + sum(_room(s) + 8 for s in shown)
        assert used <= width, (width, shown)
        bad = [names for names, _, state in shown if state == NOT_SAFE]
        assert bad == ["Labs (bank)"], (width, shown)
        assert sum(1 for _, _, state in shown if state == FRESH) <= 4
    full = folded(made, 99, 0)
    assert [s for _, _, s in full].index(NOT_SAFE) == 0
    assert [s for _, _, s in full].index(AGEING) < [s for _, _, s in full].index(FRESH)


def test_the_help_shows_every_error_code_and_every_key() -> None:
    table = error_table()
    assert len(table) > 50
    text = errors_markdown()
    for code, said in table.items():
        assert f"`{code}`" in text
        assert said["message"].replace("|", "\\|") in text
        assert said["next_step"].replace("|", "\\|") in text
    keys = "\n".join(pages()["Keys"].splitlines())
    for key, what in KEYS:
        assert key in keys
        assert what in keys
    words = pages()["What the words mean"]
    for word in ("Known allergies", "No known allergies", "Allergies not recorded", "Allergies unavailable"):
        assert word in words
