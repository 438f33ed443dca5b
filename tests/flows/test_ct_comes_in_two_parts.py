"""A story: a CT comes with slices missing and is looked at all the same, the rest comes a day later (issue 8; hazard H19).
Real DICOM files, a real vault, commands and the real window: each says how much of it is held, and where something lacks.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from PySide6.QtCore import QSize

from desktop.app import App, dress, make_application
from desktop.cli import main
from desktop.imaging import steps
from desktop.imaging.reports import Imaging
from desktop.screens import settle, unlock
from desktop.shell.tokens import LIGHT, Look
from localdb.chart.reports import held_words
from localdb.sources.dicom.listing import read_listing
from localdb.store.taking import SAME
from tests.conftest import Clock
from tests.ct import answer, ct_slices
from tests.derived import derived_once
from tests.made import NOW, SECRET, new_house

__all__ = ["derived_once"]
WHO = "7000000017"
ALL, LATE = range(1, 13), (4, 5, 9)
SECTION = 5  # imaging


@pytest.fixture
def clock() -> Clock:
    return Clock(NOW)


@pytest.fixture
def vault(tmp_path: Path, clock: Clock, data_dir: Path) -> Path:
    """The archive said that there are twelve; nine came, then the line was cut."""
    slices = ct_slices(data_dir, tmp_path / "first", [n for n in ALL if n not in LATE])
    house = new_house(tmp_path / "vault", clock)
    house.fill([tmp_path / "first"], source="pacs", processes=1)
    with house.intake() as intake:
        intake.take(read_listing("pacs", [answer(slices[0], len(ALL))], "pacs", house.profiles.get("pacs"), NOW))
        intake.commit()
        house.cut_of(intake)
    house.close()
    return tmp_path / "vault"


@pytest.fixture
def app(vault: Path, clock: Clock) -> Iterator[App]:
    application = make_application()
    made = App(vault, clock=clock, look=Look(LIGHT), size=QSize(1366, 768))
    dress(application, made.look)
    made.show_gate()
    unlock(made, "Tess Tester", SECRET.decode())
    assert made.window is not None
    made.window.show()
    settle(made)
    yield made
    if made.window is not None:
        made.window.close()


@pytest.fixture
def command(vault: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
            ) -> Callable[..., Any]:  # fmt: skip
    (tmp_path / "secret").write_bytes(SECRET)
    monkeypatch.setenv("WARDLAMP_VAULT", str(vault))
    monkeypatch.setenv("WARDLAMP_SECRET_FILE", str(tmp_path / "secret"))

    def run(*words: object) -> Any:
        capsys.readouterr()
        assert main([*map(str, words), "--json"]) == 0
        return json.loads(capsys.readouterr().out)

    return run


def by_command(command: Callable[..., Any]) -> tuple[int, int, list[tuple[int, int]]]:
    (image,) = command("chart", WHO)["images"]["items"]
    (study,) = image["studies"]
    return study["held"], study["total"], [(s["held"], s["total"]) for s in study["series"]]


def strip_and_notes(app: App) -> tuple[str, dict[int, str]]:
    """(what the strip says of the series, instance number -> what is said on its picture)."""
    window = app.window
    assert window is not None
    frame = window.patient_page.frame
    assert frame is not None
    assert isinstance(frame.shown, Imaging)
    viewer = frame.shown.viewer
    assert viewer is not None
    settle(app)
    notes = {}
    for n, slide in enumerate(viewer.main.current.slides):
        viewer.go(n)
        settle(app)
        notes[slide.instance.number or 0] = viewer.main.view.accessibleName()
    return viewer.strip.accessibleName(), notes


def rows_said(app: App) -> str:
    """What the list of examinations says."""
    assert app.window is not None
    frame = app.window.patient_page.frame
    assert frame is not None
    assert isinstance(frame.shown, Imaging)
    return " ".join(held_words(e.study) for e in frame.shown.found)


def test_a_ct_comes_with_slices_missing_and_the_rest_a_day_later(
    app: App, vault: Path, clock: Clock, command: Callable[..., Any], tmp_path: Path, data_dir: Path
) -> None:
    # The night: nine of twelve are here, and every place that names the examination says so.
    assert by_command(command) == (9, 12, [(9, 12)])
    assert app.window is not None
    app.window.show_patient(command("find", WHO)["patients"][0]["id"], SECTION)
    settle(app)
    steps.answer(app.context, "seen")
    strip, notes = strip_and_notes(app)
    assert "9 of 12 held" in strip
    assert rows_said(app) == "9 of 12 images held"
    assert sorted(notes) == [1, 2, 3, 6, 7, 8, 10, 11, 12]
    warned = {n for n, text in notes.items() if "may be missing before this one" in text}
    assert warned == {6, 10}, "behind a gap: slices 4 and 5, slice 9"
    assert "2 slices may be missing before this one" in notes[6]
    assert "1 slice may be missing before this one" in notes[10]
    assert all("3 of 12 never came" in text for text in notes.values()), "that it is not whole is said on every picture"
    # The next day the archive sends all of it again: what was here is the same, what was missing is taken.
    clock.move(timedelta(days=1))
    ct_slices(data_dir, tmp_path / "second", ALL)
    done = command("fill", tmp_path / "second", "--source", "pacs")
    assert (done["read"], done["taken"], done["same"]) == (12, 3, 9)
    assert by_command(command) == (12, 12, [(12, 12)])
    # The window follows the copy, and warns of nothing any more.
    app.window.pulse()
    settle(app, lambda: "12 of 12" in rows_said(app))
    strip, notes = strip_and_notes(app)
    assert "12 of 12 held" in strip
    assert sorted(notes) == list(ALL)
    assert not [n for n, text in notes.items() if "missing" in text or "never came" in text]
    # Once more changes nothing.
    again = command("fill", tmp_path / "second", "--source", "pacs")
    assert (again["read"], again[SAME]) == (12, 12)
    assert by_command(command) == (12, 12, [(12, 12)])
