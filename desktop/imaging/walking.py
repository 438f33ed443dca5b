"""Pictures of the viewer for `wardlamp demo --screens`: each state that a person meets, by the buttons that lead there."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from desktop.imaging import steps

Keep = Callable[[str], None]
Settle = Callable[[Callable[[], bool]], None]
IMAGING = 5  # the section's number in the rail


def walk_images(
    window: Any,
    context: Any,
    keep: Keep,
    settle: Settle,
    patient: str,
    unreported: str,
    incomplete: str,
    misfiled: str,
) -> None:
    """Keeps the pictures; what the copy has no examination for is left out."""
    if patient:
        section = _open(window, settle, patient)
        if not _choose(section, settle, "Chest X-ray", 0):
            return
        keep("images-screen-check")
        steps.answer(context, "seen")
        viewer = section.viewer
        viewer.ask_check()
        viewer.check.hide()
        keep("images-x-ray")
        viewer.go_row(1)
        keep("images-not-held")
        viewer.go_row(0)
        _settled(section, settle)
        _do(viewer, settle, "two_up")
        keep("images-with-the-prior")
        _do(viewer, settle, "two_up", "measure")
        viewer.acts.measure("length")
        for point in ((250.0, 330.0), (600.0, 330.0)):
            viewer.main.view.marks.add(point)
        _do(viewer, settle, "flip")
        keep("images-measured-flipped")
        _do(viewer, settle, "reset", "window")
        if _choose(section, settle, "CT chest", 0):
            keep("images-ct-key-image")
            viewer.go_row(1)
            viewer.acts.preset(4)
            _do(viewer, settle, "two_up")
            keep("images-ct-two-up")
            _do(viewer, settle, "two_up", "presets")
            keep("images-presets")
            viewer.acts.do("print")
            settle(lambda: True)
            settle(lambda: True)
            keep("images-print")
    if incomplete:
        section = _open(window, settle, incomplete)
        if _choose(section, settle, "CT head", 0):
            _do(section.viewer, settle, "scroll", "gap")
            keep("images-slices-missing")
    if unreported:
        section = _open(window, settle, unreported)
        if _choose(section, settle, "feeding tube", 0):
            keep("images-not-reported")
        study = section.viewer.examination.study if section.viewer is not None else None
        window.record(f"evaluation {study.id}" if study is not None else "evaluation", unreported, None)
        settle(lambda: True)
        keep("images-provisional-reading")
    if misfiled:
        section = _open(window, settle, misfiled)
        if _choose(section, settle, "Chest X-ray", 0):
            window.record(f"image_move {section.viewer.examination.study.id}", misfiled, None)
            settle(lambda: True)
            keep("images-move")
    window.go("waiting")
    settle(lambda: True)
    place = window.places.place("waiting")
    place.show_list("imaging")
    settle(lambda: True)
    keep("images-awaiting-report")
    place.show_list("tests")


def _open(window: Any, settle: Settle, person: str) -> Any:
    window.show_patient(person)
    settle(lambda: True)
    window.patient_page.set_section(IMAGING)
    settle(lambda: True)
    return window.patient_page.frame.shown


def _choose(section: Any, settle: Settle, name: str, nth: int) -> bool:
    """The nth examination whose name holds `name` and that has images; False where there is none."""
    found = [n for n, e in enumerate(section.shown) if name in e.name and e.study is not None and e.study.held]
    if nth >= len(found):
        return False
    section.shelf.list.choose(found[nth])
    section._ask_images()
    settle(lambda: section.viewer is not None and section.viewer.examination is section.shown[found[nth]])
    _settled(section, settle)
    return True


def _settled(section: Any, settle: Settle) -> None:
    """Until every side shows what is wanted, or says why not."""

    def is_there() -> bool:
        return all(
            not side.is_open or side.slide is None or not side.slide.is_held or side.view.shown.picture is not None
            for side in (section.viewer.main, section.viewer.beside)
        )

    settle(is_there)


def _do(viewer: Any, settle: Settle, *codes: str) -> None:
    for code in codes:
        viewer.acts.do(code)
        settle(lambda: all(not s.is_open or s.view.shown.slide == s.slide for s in (viewer.main, viewer.beside)))
