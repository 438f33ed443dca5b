"""What a button or a key does in the viewer. One table, so that every act has both."""

from __future__ import annotations

from typing import TYPE_CHECKING

from PySide6.QtCore import QObject, QTimer

from desktop.imaging import steps
from desktop.imaging.notes import number_text
from desktop.imaging.printing import wish_of
from desktop.imaging.shown import STORED, Choice
from desktop.imaging.tools import MEASURE, MODES, MORE, PRESETS, SCROLL, WINDOW, ZOOM
from localdb.chart.images import presets_of
from localdb.pixels.display import AUTO
from localdb.pixels.presets import Preset

if TYPE_CHECKING:
    from desktop.imaging.sides import Side
    from desktop.imaging.viewer import Viewer

SLOWEST, FASTEST, USUAL = 1, 60, 15  # frames a second; a film plays at its own pace where it was sent


class Acts(QObject):
    """`do(code)` acts on the side that the hand is in."""

    def __init__(self, viewer: Viewer) -> None:
        super().__init__(viewer)
        self._viewer = viewer
        self.presets: tuple[Preset, ...] = ()
        self._cine = QTimer(self)
        self._cine.timeout.connect(self._on_frame)
        self.pace = 0.0  # frames a second asked for by a person; 0: the film's own

    @property
    def side(self) -> Side:
        return self._viewer.active

    @property
    def is_playing(self) -> bool:
        return self._cine.isActive()

    def do(self, code: str) -> None:
        """One act by its code."""
        viewer, side = self._viewer, self.side
        view, shown = side.view, side.view.shown
        if code in MODES:
            self.use_mode(code)
        elif code == "back":
            viewer.tools.show_row(viewer.tools.mode)
        elif code in (MORE, PRESETS):
            viewer.tools.show_row(code if viewer.tools.row != code else viewer.tools.mode)
        elif code in ("first", "last", "previous", "next"):
            count = len(side.current.slides) if side.is_open else 0
            viewer.go({"first": 0, "last": count - 1, "previous": side.index - 1, "next": side.index + 1}[code])
        elif code == "series":
            viewer.go_row(side.row + 1)
        elif code == "gap":
            found = side.next_gap() if side.is_open else None
            if found is not None:
                viewer.go(found)
        elif code in _WINDOWS:
            _WINDOWS[code](self)
        elif code in ("invert", "rotate", "flip"):
            shown.view = self._turned(code)
        elif code in ("fit", "full", "centre", "larger", "smaller"):
            self._size(code)
        elif code in ("left", "right", "up", "down"):
            view.pan(*{"left": (-60, 0), "right": (60, 0), "up": (0, -60), "down": (0, 60)}[code])
        elif code in ("length", "angle", "area"):
            self.measure(code)
        elif code == "point":
            self._point()
        elif code == "cross":
            view.put_cross(view.cross is None)
        elif code == "clear":
            view.marks.clear()
            view.marks.begin("")
        elif code == "magnify":
            view.is_magnified = not view.is_magnified
        elif code in ("overlays", "shutter", "words"):
            setattr(shown, code, not getattr(shown, code))
        elif code in ("cine", "slower", "faster"):
            self._film(code)
        elif code in ("two_up", "other", "linked"):
            self._beside(code)
        elif code == "steps":
            viewer.ask_check()
        elif code == "print":
            self._print()
        elif code == "wide":
            viewer.wide_wanted.emit()
        elif code == "reset":
            shown.reset()
            view.is_magnified = False
        viewer.retell()

    def _print(self) -> None:
        """Both sides where two are shown: a sheet takes up to four."""
        sides = (self._viewer.main, self._viewer.beside) if self._viewer.is_two_up else (self.side,)
        wishes = tuple(w for w in map(wish_of, sides) if w is not None)
        if wishes:
            self._viewer.context.print_images.emit(self._viewer.key.person, wishes)

    def use_mode(self, mode: str) -> None:
        viewer = self._viewer
        viewer.tools.use_mode(mode)
        if mode == MEASURE and self.side.view.cross is None:
            self.side.view.put_cross(True)
        for side in (viewer.main, viewer.beside):
            side.view.mode = mode
            if mode != MEASURE:
                side.view.marks.begin("")
                if side.view.cross is not None:
                    side.view.put_cross(False)

    def step(self, count: int) -> None:
        if self.side.is_open:
            self._viewer.go(self.side.index + count)

    def preset(self, number: int) -> None:
        if 0 <= number < len(self.presets):
            self.side.view.shown.preset(self.presets[number])
            self._viewer.retell()

    def set_window(self, width: float, level: float) -> None:
        self.side.view.shown.set_window(width, level)
        self._viewer.retell()

    def _auto(self) -> None:
        self.side.view.shown.choose(Choice(AUTO))

    def _stored(self) -> None:
        self.side.view.shown.next_stored()

    def _turned(self, code: str):  # type: ignore[no-untyped-def]
        from msgspec.structs import replace

        view = self.side.view.shown.view
        if code == "invert":
            return replace(view, invert=not view.invert)
        return view.turned(90) if code == "rotate" else view.mirrored()

    def _size(self, code: str) -> None:
        from msgspec.structs import replace

        view = self.side.view
        if code in ("larger", "smaller"):
            view.zoom(1.25 if code == "larger" else 0.8)
            return
        changes = {"fit": {"zoom": 0.0, "pan": None}, "full": {"zoom": 1.0}, "centre": {"pan": None}}[code]
        view.shown.view = replace(view.shown.view, **changes)

    # -- measuring

    def measure(self, kind: str) -> None:
        """Begin a measure; the cross-hair comes, so that the keys alone can set its points."""
        view = self.side.view
        if self._viewer.tools.mode != MEASURE:
            self.use_mode(MEASURE)
        view.marks.begin("" if view.marks.kind == kind else kind)
        if view.cross is None:
            view.put_cross(True)

    def _point(self) -> None:
        view = self.side.view
        point = view.cross_point()
        if point is None:
            view.put_cross(True)
        elif view.marks.kind:
            view.marks.add(point)

    # -- film

    def own_pace(self) -> float:
        """Frames a second as the film itself says, else USUAL."""
        picture = self.side.view.shown.picture
        times = picture.facts.frame_ms if picture is not None else ()
        try:
            ms = float(times[min(len(times) - 1, 1)]) if times else 0.0
        except ValueError:
            ms = 0.0
        return min(FASTEST, max(SLOWEST, 1000 / ms)) if ms > 0 else float(USUAL)

    def _film(self, code: str) -> None:
        if code == "cine":
            if self.is_playing:
                self.stop()
                return
        else:
            now = self.pace or self.own_pace()
            self.pace = min(FASTEST, max(SLOWEST, now * (1.5 if code == "faster" else 1 / 1.5)))
            if not self.is_playing:
                return
        if self.side.is_open and len(self.side.current.slides) > 1:
            self._cine.start(round(1000 / (self.pace or self.own_pace())))

    def stop(self) -> None:
        self._cine.stop()

    def _on_frame(self) -> None:
        """The next frame, if it is here: a film waits for a frame and never leaves one out."""
        side = self.side
        if not side.is_open:
            self.stop()
            return
        slides = side.current.slides
        nxt = (side.index + 1) % len(slides)
        if side.view.shown.slide == side.slide or (side.slide is not None and not side.slide.is_held):
            side.direction = 1
            self._viewer.go(nxt)

    # -- two up

    def _beside(self, code: str) -> None:
        viewer = self._viewer
        if code == "linked":
            viewer.linked = not viewer.linked
            viewer.follow(self.side)
            viewer.refresh()
            return
        found = viewer.candidates()
        if code == "two_up" and (viewer.is_two_up or not found):
            viewer.close_beside()
        elif found:
            at = found.index(viewer.beside.examination) if viewer.beside.examination in found else -1
            viewer.put_beside(found[(at + 1) % len(found)])
        self.offer()

    # -- what is offered

    def offer(self) -> None:
        """Only what has a use here."""
        viewer, side = self._viewer, self.side
        row = side.current if side.is_open else None
        made, whose = presets_of(viewer.context.house.site, row.modality if row else "")
        if made != self.presets:
            self.presets = made
            viewer.tools.offer_presets([p.name for p in made], whose)
            if viewer.tools.row == PRESETS:
                viewer.tools.show_row(viewer.tools.mode)
        out = set()
        if row is None or len(row.slides) < 2:
            out |= {SCROLL, "cine", "slower", "faster"}
        if len(side.rows) < 2:
            out.add("series")
        if row is None or side.next_gap() is None:
            out.add("gap")
        if not made:
            out.add(PRESETS)
        out |= {"two_up", "other", "linked"} if not viewer.candidates() else set()
        out |= {"other", "linked"} if not viewer.is_two_up else {"other"} if len(viewer.candidates()) < 2 else set()
        picture = side.view.shown.picture
        out |= {"print"} if picture is None else set()
        if side.view.shown.is_colour:  # colours are shown as they are
            out |= {WINDOW, "stored", "auto", "fields"}
        over = side.view.shown.over
        if picture is None or not (picture.facts.overlays or over.lines or over.texts):
            out.add("overlays")
        if picture is None or not picture.facts.shutters:
            out.add("shutter")
        viewer.tools.leave_out(out)
        if viewer.tools.mode in out:
            self.use_mode(next(m for m in (WINDOW, SCROLL, ZOOM) if m not in out))

    def mark(self) -> None:
        """Which buttons are on, and the numbers of the window."""
        viewer, view = self._viewer, self.side.view
        shown, on = view.shown, set[str]()
        if shown.picture is not None and not shown.is_colour:
            if shown.choice.kind == STORED and shown.choice.voi is None:
                on.add("stored" if shown.stored else "auto")
            elif shown.choice.kind == AUTO:
                on.add("auto")
            viewer.tools.fields.tell(number_text(shown.voi.width), number_text(shown.voi.center))
        if shown.view.flip:
            on.add("flip")
        on |= {"rotate"} if shown.view.rotation else set()
        on |= {"invert"} if shown.view.invert else set()
        on |= {"magnify"} if view.is_magnified else set()
        on |= {"two_up"} if viewer.is_two_up else set()
        on |= {"linked"} if viewer.is_two_up and viewer.linked else set()
        on |= {"overlays"} if shown.overlays else set()
        on |= {"shutter"} if shown.shutter else set()
        on |= {"words"} if shown.words else set()
        on |= {"fit"} if not shown.view.zoom else {"full"} if shown.view.zoom == 1 else set()
        on |= {view.marks.kind} if view.marks.kind else set()
        if self.is_playing:
            on.add("cine")
        viewer.tools.mark(on)


_WINDOWS = {"auto": Acts._auto, "stored": Acts._stored}
__all__ = ["Acts", "steps"]
