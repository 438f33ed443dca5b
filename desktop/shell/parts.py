"""The parts that screens are put together from: text, buttons, fields, heads, chips, the status line, a micro banner.

Each takes the `Look` first, paints with its theme, and has an accessible name. Targets are ≥ 44 px, focus is 3 px of
ink (LOOK §6). One primary button per question.
"""

from __future__ import annotations

from PySide6.QtCore import QEvent, QRectF, QSize, Qt, Signal
from PySide6.QtGui import QEnterEvent, QFontMetricsF, QPainter, QPaintEvent, QResizeEvent
from PySide6.QtWidgets import QAbstractButton, QFrame, QHBoxLayout, QLabel, QLineEdit, QSizePolicy, QVBoxLayout, QWidget

from desktop.shell import paint
from desktop.shell.context import Notice
from desktop.shell.icons import draw_icon
from desktop.shell.spoken import long_dates
from desktop.shell.tokens import FOCUS, STRIP, TARGET, Look, Theme
from desktop.shell.type import MEDIUM, SEMIBOLD, font, metrics, width, wrap
from localdb.chart.scanning import number_label


class Text(QLabel):
    """Words in a role and a token. Wraps if asked; takes no focus; `&` stands for itself."""

    def __init__(
        self,
        look: Look,
        text: str = "",
        role: str = "body",
        token: str = "ink",
        *,
        weight: int | None = None,
        wrap: bool = False,
        ident: bool = False,
        parent: QWidget | None = None,
    ) -> None:
        super().__init__(parent)
        self._look, self._token, self._says_date = look, token, False
        self.setTextFormat(Qt.TextFormat.PlainText)
        self.setText(text)
        self.setFont(font(role, weight, ident=ident))
        self.setWordWrap(wrap)
        look.changed.connect(self._dress)
        self._dress()

    def setText(self, text: str) -> None:
        """The words; a label whose words hold a date says it in full to a screen reader."""
        super().setText(text)
        spoken = long_dates(text)
        if spoken != text and (self._says_date or not self.accessibleName()):
            self.setAccessibleName(spoken)
            self._says_date = True
        elif self._says_date:
            self.setAccessibleName("")
            self._says_date = False

    def use_token(self, token: str) -> None:
        self._token = token
        self._dress()

    def _dress(self) -> None:
        dressed = self.palette()
        dressed.setColor(self.foregroundRole(), self._look.theme.color(self._token))
        self.setPalette(dressed)


class Button(QAbstractButton):
    """A button that says verb and object. Kinds: primary, normal, quiet, danger, chosen, header (on ink), link.

    `icon` is a word of icons.ICONS; `hint` (a key) stands behind the text in ink2. Disabled = dashed.
    """

    def __init__(
        self,
        look: Look,
        text: str,
        kind: str = "normal",
        *,
        icon: str | None = None,
        hint: str = "",
        name: str = "",
        parent: QWidget | None = None,
    ) -> None:
        super().__init__(parent)
        self._look, self.kind, self.icon_name, self.hint = look, kind, icon, hint
        self.setText(text.replace("&", "&&"))
        self.setFont(font("button", SEMIBOLD if kind in ("primary", "danger", "chosen", "link") else MEDIUM))
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        self.setAccessibleName(name or text)
        self.setCursor(Qt.CursorShape.PointingHandCursor)
        self.setSizePolicy(QSizePolicy.Policy.Minimum, QSizePolicy.Policy.Fixed)
        look.changed.connect(self.update)

    def use_kind(self, kind: str) -> None:
        self.kind = kind
        self.update()

    def rename(self, text: str) -> None:
        """Change the words and the accessible name together."""
        self.setText(text.replace("&", "&&"))
        self.setAccessibleName(text)
        self.updateGeometry()

    @property
    def words(self) -> str:
        return self.text().replace("&&", "&")

    def _content(self) -> tuple[float, float, float]:
        words = QFontMetricsF(self.font()).horizontalAdvance(self.words)
        icon = (20 + (10 if self.words else 0)) if self.icon_name else 0
        hint = metrics("button").horizontalAdvance(self.hint) + 8 if self.hint else 0
        return icon, words, hint

    def sizeHint(self) -> QSize:
        edge = 24 if self.words else 12
        return QSize(max(TARGET, round(sum(self._content())) + 2 * edge), TARGET)

    def minimumSizeHint(self) -> QSize:
        edge = 8 if self.words else 12
        return QSize(max(TARGET, round(sum(self._content())) + 2 * edge), TARGET)

    def keyPressEvent(self, event) -> None:  # type: ignore[no-untyped-def]
        if event.key() in (Qt.Key.Key_Return, Qt.Key.Key_Enter) and not event.modifiers() & ~(
            Qt.KeyboardModifier.KeypadModifier
        ):
            self.click()
            return
        super().keyPressEvent(event)

    def enterEvent(self, event: QEnterEvent) -> None:
        self.update()
        super().enterEvent(event)

    def leaveEvent(self, event: QEvent) -> None:
        self.update()
        super().leaveEvent(event)

    def _colours(self, theme: Theme) -> tuple[str | None, str | None, float, str, bool]:
        """Fill, border, its width, text, dashed."""
        if not self.isEnabled():
            return None, theme.edge, 1.5, theme.ink3, True
        pressed = self.isDown() or self.underMouse()
        if self.kind == "primary":
            return (theme.ink2 if pressed else theme.ink), None, 0, theme.paper, False
        if self.kind == "danger":
            return theme.panel, theme.hi, 2, theme.hi, False
        if self.kind == "chosen" or self.isChecked():
            return theme.sel, theme.ink, 2, theme.ink, False
        if self.kind == "header":
            return "#2B3742" if not theme.is_dark else "#1B242D", theme.onshell2, 1, theme.onshell, False
        if self.kind in ("quiet", "link"):
            return (theme.sel if pressed else None), None, 0, theme.ink, False
        return (theme.sel if pressed else theme.panel), theme.edge, 1, theme.ink, False

    def paintEvent(self, event: QPaintEvent) -> None:
        theme, painter = self._look.theme, QPainter(self)
        fill, border, width, ink, dashed = self._colours(theme)
        area = QRectF(self.rect())
        paint.box(painter, area, fill=fill, border=border, width=width, dashed=dashed)
        icon, words, hint = self._content()
        x = (area.width() - icon - words - hint) / 2
        if self.icon_name:
            draw_icon(painter, self.icon_name, x, (area.height() - 20) / 2, 20, ink)
            x += icon
        baseline = area.height() / 2 + 5.5
        paint.draw_text(painter, x, baseline, self.words, self.font(), ink)
        if self.kind == "link":
            paint.hairline(painter, x, baseline + 3, x + words, ink)
        if self.hint:
            hinted = theme.onshell if self.kind == "header" else theme.paper if self.kind == "primary" else theme.ink2
            paint.draw_text(painter, x + words + 8, baseline, self.hint, font("button", 400), hinted)
        if self.hasFocus():
            self._paint_focus(painter, area, theme)

    def _paint_focus(self, painter: QPainter, area: QRectF, theme: Theme) -> None:
        if self.kind == "primary":
            paint.box(painter, area.adjusted(FOCUS, FOCUS, -FOCUS, -FOCUS), border=theme.paper, width=2, radius=2)
        else:
            paint.box(painter, area, border=theme.brass if self.kind == "header" else theme.ink, width=FOCUS)


class Field(QWidget):
    """Label above, box, unit behind, previous value beside (LOOK §6). Enter moves on: `entered` is emitted."""

    entered = Signal()

    def __init__(
        self,
        look: Look,
        label: str,
        *,
        unit: str = "",
        previous: str = "",
        secret: bool = False,
        box_width: int = 0,
        parent: QWidget | None = None,
    ) -> None:
        super().__init__(parent)
        self.box = QLineEdit(self)
        self.box.setFont(font("value", 500))
        self.box.setMinimumHeight(TARGET)
        self.box.setAccessibleName(label)
        self.box.returnPressed.connect(self.entered)
        if unit:
            self.box.setAccessibleDescription(unit)
        if secret:
            self.box.setEchoMode(QLineEdit.EchoMode.Password)
        if box_width:
            self.box.setFixedWidth(box_width)
        self.label = Text(look, label, "body", weight=MEDIUM)
        self.label.setBuddy(self.box)
        self.unit, self.previous = Text(look, unit, "label", "ink2"), Text(look, previous, "label", "ink2")
        self.row = QHBoxLayout()
        self.row.setSpacing(8)
        self.row.addWidget(self.box)
        for shown in (self.unit, self.previous):
            self.row.addWidget(shown)
            shown.setVisible(bool(shown.text()))
        if box_width:
            self.row.addStretch(1)
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(5)
        column.addWidget(self.label)
        column.addLayout(self.row)
        self.label.setVisible(bool(label))
        self.setFocusProxy(self.box)

    def text(self) -> str:
        return self.box.text()

    def set_text(self, text: str) -> None:
        self.box.setText(text)


class SectionHead(QWidget):
    """Title, count, and the time up to which the section is complete (LOOK §1.4)."""

    def __init__(self, look: Look, title: str, age: str = "", *, count: str = "", state: str = "fresh") -> None:
        super().__init__()
        self._look = look
        self.setFixedHeight(34)
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)
        look.changed.connect(self.update)
        self.show_age(title, age, count=count, state=state)

    def show_age(self, title: str, age: str, *, count: str = "", state: str = "fresh") -> None:
        self._shown = (title, age, count, state)
        self.setAccessibleName(long_dates(" ".join(x for x in (title, count, age and f"complete to {age}") if x)))
        self.update()

    def paintEvent(self, event: QPaintEvent) -> None:
        title, age, count, state = self._shown
        area = QRectF(self.rect())
        paint.draw_section_head(QPainter(self), area, title, self._look.theme, count=count, age=age, state=state)


class Chip(QWidget):
    """A chip of words as a widget. Kinds: paint.CHIPS."""

    def __init__(
        self, look: Look, text: str, kind: str = "plain", *, icon: str | None = None, height: int = 30
    ) -> None:
        super().__init__()
        self._look, self._text, self._kind, self._icon = look, text, kind, icon
        self.setAccessibleName(text)
        self.setFixedSize(round(paint.chip_width(text, icon) + 0.5), height)
        look.changed.connect(self.update)

    def paintEvent(self, event: QPaintEvent) -> None:
        height = self.height()
        paint.draw_chip(
            QPainter(self), 0, 0, self._text, self._look.theme, kind=self._kind, icon=self._icon, height=height
        )


MARKS = {
    "done": ("fresh", "ok"),
    "printing": ("print", "ink"),
    "caution": ("caution", "warn"),
    "failed": ("not safe", "hi"),
}


class StatusLine(QFrame):
    """The line above the age strip: one notice, which stays until it is answered or replaced (LOOK §6, look/17)."""

    answered = Signal()
    shown = Signal(bool)

    def __init__(self, look: Look, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._look, self._notice = look, None
        self.setFixedHeight(TARGET)
        row = QHBoxLayout(self)
        row.setContentsMargins(44, 0, 8, 0)
        self._text = Text(look, "", "label", weight=SEMIBOLD)
        self._act = Button(look, "", "link")
        self._close = Button(look, "Put away", "quiet", name="Put this line away")
        row.addWidget(self._text, 1)
        row.addWidget(self._act)
        row.addWidget(self._close)
        self._act.clicked.connect(self._on_act)
        self._close.clicked.connect(self.put_away)
        look.changed.connect(self.update)
        self.hide()

    @property
    def notice(self) -> Notice | None:
        return self._notice

    def show_notice(self, notice: Notice) -> None:
        self._notice = notice
        self._text.setText(notice.text)
        self._act.rename(notice.action)
        self._act.setVisible(bool(notice.action))
        self.setAccessibleName(notice.text)
        self.shown.emit(True)
        self.show()
        self.update()

    def put_away(self) -> None:
        self._notice = None
        self._text.clear()
        self.hide()
        self.shown.emit(False)
        self.answered.emit()

    def _on_act(self) -> None:
        notice = self._notice
        self.put_away()
        if notice is not None and notice.act is not None:
            notice.act()

    def paintEvent(self, event: QPaintEvent) -> None:
        theme, painter = self._look.theme, QPainter(self)
        painter.fillRect(self.rect(), theme.color("sunken"))
        paint.hairline(painter, 0, 0, self.width(), theme.rule2)
        icon, token = MARKS[self._notice.mark if self._notice else "done"]
        draw_icon(painter, icon, 14, (self.height() - 20) / 2, 20, getattr(theme, token))


class MicroBanner(QWidget):
    """Name, Born, NHS No. for dialogs and print strips; no clinical data, no place (CLINICAL §1.1 MPB-0005).

    On one line where they fit; else the name has lines of its own, and nothing is cut.
    """

    def __init__(self, look: Look, name: str, born: str, nhs: str) -> None:
        super().__init__()
        self._look = look
        label = number_label(nhs.replace(" ", ""))
        self._name, self._facts = name, (("Born", born, False), (label, nhs, True))
        self._lines: tuple[str, ...] = (name,)
        self._is_beside = True
        self.setFixedHeight(STRIP + 8)
        self.setAccessibleName(long_dates(f"{name}. Born {born}. {label} {nhs}"))
        look.changed.connect(self.update)

    def fit(self, wide: int) -> int:
        """Arrange the words for that width; the height that they need."""
        room = wide - 32.0
        facts = sum(self._wide(*f) for f in self._facts)
        self._is_beside = width(self._name, "ident", 700) + 24 + facts <= room
        self._lines = (self._name,) if self._is_beside else tuple(wrap(self._name, "ident", room, 700))
        self.setFixedHeight(STRIP + 8 if self._is_beside else STRIP + 8 + 28 * len(self._lines))
        return self.height()

    @staticmethod
    def _wide(label: str, value: str, ident: bool) -> float:
        return width(label, "label") + 6 + width(value, "value", SEMIBOLD, ident=ident) + 24

    def resizeEvent(self, event: QResizeEvent) -> None:
        self.fit(event.size().width())
        super().resizeEvent(event)

    def paintEvent(self, event: QPaintEvent) -> None:
        theme, painter = self._look.theme, QPainter(self)
        painter.fillRect(self.rect(), theme.color("panel"))
        paint.upright(painter, 0, 0, self.height(), theme.ink, 5)
        paint.hairline(painter, 0, self.height() - 1, self.width(), theme.ink)
        x, baseline = 16.0, 26.0
        for line in self._lines:
            used = paint.draw_text(painter, x, baseline, line, font("ident", 700), theme.ink)
            baseline += 0 if self._is_beside else 28
        if self._is_beside:
            x += used + 24
        for label, value, ident in self._facts:
            made = font("value", SEMIBOLD, ident=ident)
            after = paint.draw_text(painter, x, baseline, label, font("label"), theme.ink2) + 6
            paint.draw_text(painter, x + after, baseline, value, made, theme.ink)
            x += self._wide(label, value, ident)

    def leave(self) -> None:
        """Gone at once: the name of another must not stand until Qt deletes it (H02)."""
        self.hide()
        self.deleteLater()
