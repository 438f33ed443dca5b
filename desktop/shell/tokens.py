"""Colours, spaces and times of the look, in one place (LOOK §2, §4).

A `Theme` is frozen; a `Look` holds the one in use and says when it changes. No other module names a colour.
Ratios were measured for LOOK §2: change a value only with its ratio.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import time

from PySide6.QtCore import QObject, Signal
from PySide6.QtGui import QColor, QPalette

S4, S8, S12, S16, S24, S32 = 4, 8, 12, 16, 24, 32
RADIUS, DIALOG_RADIUS = 3, 4
TARGET = 44
HATCH, TRAINING_HATCH = 5, 20
HEADER, RAIL, RAIL_SMALL, STRIP, BANNER, ALLERGIES = 56, 160, 116, 32, 56, 36
ROW, BOARD_ROW, TALL_ROW = 30, 44, 52
FOCUS = 3
SMALL_WIDTH = 1240  # under this width the small arrangement of LOOK §4 is used
LOWEST_WIDTH = 1000  # under this one the date folds as well: 911×512 is 1366×768 at 150 %
IDLE_SECONDS = 90
IMAGE_SURROUND = "#26282A"


@dataclass(frozen=True, slots=True, kw_only=True)
class Theme:
    """One set of colours. Names and uses: LOOK §2."""

    name: str
    paper: str
    panel: str
    sunken: str
    sel: str
    rule: str
    rule2: str
    edge: str
    ink: str
    ink2: str
    ink3: str
    shell: str
    onshell: str
    onshell2: str
    brass: str
    onbrass: str
    hi: str
    lo: str
    ok: str
    warn: str
    warn_tint: str
    warn_fill: str
    crit: str
    oncrit: str
    hi_tint: str
    pen: str
    pen_tint: str
    normband: str

    def color(self, token: str) -> QColor:
        """The colour of a token, or of a literal `#rrggbb`."""
        return QColor(token if token.startswith("#") else getattr(self, token))

    @property
    def is_dark(self) -> bool:
        return self.name == "dark"


LIGHT = Theme(
    name="light",
    paper="#F4F2EC",
    panel="#FFFFFF",
    sunken="#E9E6DD",
    sel="#DEE5EA",
    rule="#D9D5CA",
    rule2="#A9A598",
    edge="#6E7780",
    ink="#16202A",
    ink2="#434F59",
    ink3="#5A656F",
    shell="#17212B",
    onshell="#F7F3E8",
    onshell2="#BBC5CD",
    brass="#F0B93A",
    onbrass="#16202A",
    hi="#A33B00",
    lo="#00598C",
    ok="#00664B",
    warn="#6E4A00",
    warn_tint="#FCF0D2",
    warn_fill="#E69F00",
    crit="#8A2B00",
    oncrit="#FFFFFF",
    hi_tint="#FBE8DD",
    pen="#0A4A73",
    pen_tint="#E3F0F8",
    normband="#E3EDE6",
)
DARK = Theme(
    name="dark",
    paper="#10161C",
    panel="#171F27",
    sunken="#0B1015",
    sel="#26323D",
    rule="#2A3540",
    rule2="#465462",
    edge="#7F8C97",
    ink="#E9E4D8",
    ink2="#B9C1C7",
    ink3="#98A3AC",
    shell="#070B0F",
    onshell="#F1ECDF",
    onshell2="#AEB8C0",
    brass="#E2AC35",
    onbrass="#10161C",
    hi="#FF9E66",
    lo="#79C0F2",
    ok="#52CFA6",
    warn="#F3BD4A",
    warn_tint="#33270C",
    warn_fill="#E69F00",
    crit="#9C3609",
    oncrit="#FFFFFF",
    hi_tint="#3A2014",
    pen="#8CCBF5",
    pen_tint="#13293A",
    normband="#1B2A26",
)
CONTRAST = Theme(
    name="contrast",
    paper="#FFFFFF",
    panel="#FFFFFF",
    sunken="#FFFFFF",
    sel="#FFF3A6",
    rule="#000000",
    rule2="#000000",
    edge="#000000",
    ink="#000000",
    ink2="#000000",
    ink3="#000000",
    shell="#000000",
    onshell="#FFFFFF",
    onshell2="#FFFFFF",
    brass="#FFD800",
    onbrass="#000000",
    hi="#7A1F00",
    lo="#003A66",
    ok="#00432F",
    warn="#000000",
    warn_tint="#FFF3A6",
    warn_fill="#000000",
    crit="#7A1F00",
    oncrit="#FFFFFF",
    hi_tint="#FFFFFF",
    pen="#003A66",
    pen_tint="#FFFFFF",
    normband="#FFFFFF",
)
# Pictures stand in a neutral dark surround whatever the theme (CLINICAL §8, look/07): controls over it have this one, which
# no person chooses. On paper: ink 12.9, ink2 8.5, brass (review only, letters) 11.2, hi 7.3, edge 4.6; on sel ink 6.1.
VIEWER = replace(
    DARK,
    name="viewer",
    paper=IMAGE_SURROUND,
    panel="#3A3D40",
    sunken="#0E0F10",
    sel="#55595D",
    rule="#3A3D40",
    rule2="#6C7175",
    edge="#8A9095",
    ink="#F1EFE9",
    ink2="#C4C4C3",
    ink3="#A9ADB0",
    shell="#0E0F10",
    onshell="#F1EFE9",
    onshell2="#C4C4C3",
    brass="#F0E442",
    onbrass="#0E0F10",
)
THEMES = {theme.name: theme for theme in (LIGHT, DARK, CONTRAST)}
_NIGHT_FROM, _NIGHT_TO = time(21, 0), time(6, 0)


def theme_at(wall: time) -> Theme:
    """Light by day, dark 21:00-06:00 (LOOK §2)."""
    return DARK if wall >= _NIGHT_FROM or wall < _NIGHT_TO else LIGHT


def palette(theme: Theme) -> QPalette:
    """The palette to set before the first show, so that no white frame is ever seen (LOOK §2)."""
    made = QPalette(theme.color("paper"))
    pairs = (
        (QPalette.ColorRole.Window, "paper"),
        (QPalette.ColorRole.WindowText, "ink"),
        (QPalette.ColorRole.Base, "panel"),
        (QPalette.ColorRole.AlternateBase, "paper"),
        (QPalette.ColorRole.Text, "ink"),
        (QPalette.ColorRole.PlaceholderText, "ink3"),
        (QPalette.ColorRole.Button, "panel"),
        (QPalette.ColorRole.ButtonText, "ink"),
        (QPalette.ColorRole.Highlight, "ink"),
        (QPalette.ColorRole.HighlightedText, "paper"),
        (QPalette.ColorRole.ToolTipBase, "panel"),
        (QPalette.ColorRole.ToolTipText, "ink"),
        (QPalette.ColorRole.Link, "pen"),
    )
    for role, token in pairs:
        made.setColor(role, theme.color(token))
    made.setColor(QPalette.ColorGroup.Disabled, QPalette.ColorRole.Text, theme.color("ink3"))
    made.setColor(QPalette.ColorGroup.Disabled, QPalette.ColorRole.ButtonText, theme.color("ink3"))
    return made


def style_sheet(theme: Theme) -> str:
    """The whole of our QSS (≤ 30 lines, LOOK §10): fields, lists and scroll bars; all else is painted."""
    t = theme
    return f"""
QLineEdit, QPlainTextEdit, QTextEdit {{
  background: {t.panel}; color: {t.ink}; border: 1px solid {t.edge}; border-radius: 3px; padding: 0 11px; }}
QPlainTextEdit, QTextEdit {{ padding: 8px 7px; }}
QLineEdit:focus, QPlainTextEdit:focus, QTextEdit:focus {{ border: 3px solid {t.ink}; padding: 0 9px; }}
QLineEdit#find {{ padding: 0 46px 0 39px; border: 1px solid {t.shell}; }}
QLineEdit#find:focus {{ padding: 0 44px 0 37px; border: 3px solid {t.brass}; }}
QLineEdit:disabled {{ background: {t.sunken}; border: 1px dashed {t.edge}; }}
QTextBrowser, QTextBrowser:focus {{ border: 0; background: {t.paper}; padding: 0; }}
QTextBrowser:focus {{ border: 3px solid {t.ink}; }}
QScrollBar:vertical {{ width: 14px; background: {t.sunken}; border: 0; }}
QScrollBar:horizontal {{ height: 14px; background: {t.sunken}; border: 0; }}
QScrollBar::handle {{ background: {t.edge}; border: 3px solid {t.sunken}; min-height: 44px; min-width: 44px; }}
QScrollBar::add-line, QScrollBar::sub-line {{ width: 0; height: 0; }}
QScrollArea, QAbstractItemView {{ border: 0; background: transparent; outline: 0; }}
QToolTip {{ background: {t.panel}; color: {t.ink}; border: 1px solid {t.ink}; padding: 4px; }}
"""


DIM = 0.40  # of black over the whole window (LOOK §2), for a dark bay at night


class Look(QObject):
    """The theme in use. Widgets read `look.theme` when they paint and repaint on `changed`; `dimmed`: the window lies
    under a veil, which the window itself draws."""

    changed = Signal()

    def __init__(self, theme: Theme = LIGHT, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._theme, self._dimmed = theme, False

    @property
    def dimmed(self) -> bool:
        return self._dimmed

    def toggle(self, theme: Theme) -> None:
        """That theme, or light again if it is in use."""
        self.use(LIGHT if self._theme is theme else theme)

    def toggle_dim(self) -> None:
        self.dim(not self._dimmed)

    def dim(self, on: bool) -> None:
        """Put the veil over the whole window, or take it away."""
        if on is not self._dimmed:
            self._dimmed = on
            self.changed.emit()

    @property
    def theme(self) -> Theme:
        return self._theme

    def use(self, theme: Theme) -> None:
        """Change the theme of everything on screen."""
        if theme is not self._theme:
            self._theme = theme
            self.changed.emit()
