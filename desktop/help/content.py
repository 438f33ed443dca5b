"""What the help shows, as Markdown: the texts of `resources/help`, the keys, and every error code. Pure but for reading.

The keys and the codes come from the same tables that the window and the errors use, so that the help cannot fall behind
(STYLE §3.19).
"""

from __future__ import annotations

import tomllib
from importlib.resources import files

KEYS: tuple[tuple[str, str], ...] = (
    ("F1", "help"),
    ("F2", "find a patient"),
    ("F3", "ward"),
    ("F4", "sources: how fresh each is, declare one down or back"),
    ("F5", "plans: telephone numbers, action cards, protocols"),
    ("F6", "waiting tests"),
    ("F7, Shift+F7", "next, previous patient of the ward"),
    ("F8", "record"),
    ("F9", "print"),
    ("F11", "full screen"),
    ("F12", "lock"),
    ("Alt+1 to Alt+7", "sections of the open patient"),
    ("Ctrl+F", "find words in the letters and notes of the open patient"),
    ("Ctrl+D", "dark or light"),
    ("Ctrl+H", "high contrast, as in sunlight, or back"),
    ("Ctrl+Shift+D", "dim the whole screen, or back"),
    ("Ctrl+M", "put on my list, or take off"),
    ("Ctrl+N", "unknown patient"),
    ("Ctrl+Enter", "save what is being recorded"),
    ("Esc", "back; what was typed is kept"),
    ("Tab, Shift+Tab", "next, previous control"),
    ("arrows, Enter", "choose in a list, open"),
    ("Home, End", "oldest, newest result"),
)
# Bare keys, in an image that has the focus; a test compares them with the image's own.
IMAGE_KEYS: tuple[tuple[str, str], ...] = (
    ("PgUp, PgDown", "previous, next image"),
    ("Home, End", "first, last image"),
    ("S", "scroll: arrows go through the images"),
    ("W", "window: arrows change contrast and brightness"),
    ("Z", "zoom: arrows make larger and smaller"),
    ("M", "move: arrows move the image"),
    ("D", "measure: arrows move the cross-hair"),
    ("T", "the windows stored in the image, one after another"),
    ("A", "window by the image's own values"),
    ("+, =, -", "larger, smaller"),
    ("1", "one pixel of the image on one of the screen"),
    ("0", "reset: as it came"),
    ("I", "invert black and white"),
    ("R", "rotate a quarter turn"),
    ("F", "flip left and right"),
    ("V", "magnifier"),
    ("X", "cross-hair and the value there; arrows move it, with Shift by ten"),
    ("L, N, E", "measure a length, an angle, the values of an area"),
    ("Space, Return, Enter", "set a point at the cross-hair"),
    ("Del", "take the measures away"),
    ("K", "next series"),
    ("G", "next place where images are missing"),
    ("P, B", "the prior beside it or away, another one"),
    ("C", "play or stop as a film"),
    ("O, H", "overlays, shutter on or off"),
    ("Y", "the words in the corners on or off; warnings stay"),
)


def keys_markdown() -> str:
    def table(keys: tuple[tuple[str, str], ...]) -> str:
        return "| Key | Does |\n|---|---|\n" + "".join(f"| **{key}** | {what} |\n" for key, what in keys)

    return f"# Keys\n\n{table(KEYS)}\n## In an image\n\n{table(IMAGE_KEYS)}"


def error_table() -> dict[str, dict[str, str]]:
    """Every code with its message and next step (resources/codes/errors.toml)."""
    text = files("resources").joinpath("codes", "errors.toml").read_text(encoding="utf-8")
    return {code: said for code, said in tomllib.loads(text).items() if isinstance(said, dict)}


def errors_markdown() -> str:
    rows = "\n".join(
        f"| `{code}` | {_cell(said['message'])} | {_cell(said['next_step'])} |" for code, said in error_table().items()
    )
    return f"# Error codes\n\n| Code | What happened | What to do |\n|---|---|---|\n{rows}\n"


def _cell(text: str) -> str:
    return text.replace("|", "\\|").replace("\n", " ")


def pages() -> dict[str, str]:
    """Title -> Markdown, in the order of the help."""
    folder = files("resources").joinpath("help")
    texts = [
        e.read_text(encoding="utf-8") for e in sorted(folder.iterdir(), key=lambda e: e.name) if e.name.endswith(".md")
    ]
    made = {text.partition("\n")[0].lstrip("# "): text for text in texts}
    return {**made, "Keys": keys_markdown(), "Error codes": errors_markdown()}
