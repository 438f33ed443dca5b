"""The rail of a patient: seven sections with their key, then Record, Print and the way back (look/04)."""

from __future__ import annotations

from PySide6.QtCore import Qt, Signal
from PySide6.QtWidgets import QButtonGroup, QSpacerItem, QVBoxLayout

from desktop.shell.parts import Button
from desktop.shell.rail import RailGround, RailItem
from desktop.shell.tokens import RAIL, RAIL_SMALL, SMALL_WIDTH, TARGET, Look

LEAST = 34  # px of an item on the lowest screen; each is on Alt and its digit too

SECTIONS = (
    ("Summary", "summary"),
    ("Results", "results"),
    ("Medicines", "medicines"),
    ("Obs", "obs"),
    ("Imaging", "imaging"),
    ("Letters", "letters"),
    ("Timeline", "timeline"),
)


class PatientRail(RailGround):
    """`chosen` carries the section, 1 to 7."""

    chosen = Signal(int)
    record = Signal()
    print_ = Signal()
    back = Signal()

    def __init__(self, look: Look) -> None:
        super().__init__(look)
        self.items: list[RailItem] = []
        group = QButtonGroup(self)
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 4, 1, 0)
        column.setSpacing(0)
        for n, (word, icon) in enumerate(SECTIONS, start=1):
            item = RailItem(look, word, icon, hint=str(n), with_icon_when_small=False, parent=self)
            item.setAccessibleName(f"{word}, Alt+{n}")
            group.addButton(item, n)
            self.items.append(item)
            column.addWidget(item)
        group.idClicked.connect(self.chosen)
        self._space = QSpacerItem(0, 8)
        column.addItem(self._space)
        self._buttons = (
            Button(look, "Record", "primary", icon="record", name="Record something, F8"),
            Button(look, "Print", "normal", icon="print", name="Print, F9"),
            Button(look, "Ward", "quiet", icon="back", name="Back to the ward, F3"),
        )
        for button, signal in zip(self._buttons, (self.record, self.print_, self.back), strict=True):
            button.clicked.connect(signal)
            column.addWidget(button, 0, Qt.AlignmentFlag.AlignHCenter)
            column.addSpacing(2)
        column.addStretch(1)

    def show_section(self, number: int) -> None:
        self.items[number - 1].setChecked(True)

    def name_ward(self, ward: str) -> None:
        """The way back says where to: `Ash Ward` if it fits, else `Ward`."""
        words = f"{ward}" if ward and len(ward) <= 10 else "Ward"
        self._buttons[2].rename(words)
        self._buttons[2].setAccessibleName(f"Back to the ward {ward}".strip() + ", F3")

    def fit(self, window_width: int) -> None:
        """160 px with icons and keys; 116 with words only under 1240 px (LOOK §4)."""
        small = window_width < SMALL_WIDTH
        self.setFixedWidth(RAIL_SMALL if small else RAIL)
        for item in self.items:
            item.is_small = small
            item.updateGeometry()
            item.update()
        for button, icon in zip(self._buttons, ("record", "print", "back"), strict=True):
            button.icon_name = None if small else icon
            button.setFixedSize((RAIL_SMALL - 20) if small else (RAIL - 24), TARGET)
            button.update()
        # As look/23: on a low screen Record and the way back stand, and printing is on F9.
        self._buttons[1].setVisible(not small)
        self._space.changeSize(0, 0 if small else 8)
        column = self.layout()
        if column is not None:
            column.setContentsMargins(0, 0 if small else 4, 1, 0)
            column.invalidate()

    def fit_height(self, room: int) -> None:
        """44 px an item; where a tall banner leaves less, lower items rather than a Record that is out of sight."""
        buttons = [b for b in self._buttons if not b.isHidden()]
        left = room - len(buttons) * (TARGET + 2) - self._space.sizeHint().height() - 6
        high = max(LEAST, min(TARGET, left // len(self.items)))
        for item in self.items:
            item.setFixedHeight(high)
