"""Notation that has killed (CLINICAL §5.4): what of a source's own text a reader could take for something else.

Wardlamp's own words never use it. A source's text is never altered: it stands as sent, with a caution, and with the plain
reading beside it only where there is just one. Pure.
"""

from __future__ import annotations

import re

import msgspec

_AMOUNT = r"(?<![\w.,])(?:\d[\d,]*(?:\.\d+)?|\.\d+)"


class Caution(msgspec.Struct, frozen=True):
    """`sent` the part of the text; `plain` its only reading, or empty where it has several: then `why` says so."""

    sent: str
    plain: str = ""
    why: str = ""

    @property
    def words(self) -> str:
        """`"10 U" reads 10 units`, or `"OD" can be read in two ways: ask`."""
        if self.plain:
            return f'"{self.sent}" reads {self.plain}'
        return (
            f'"{self.sent}" can be read in more than one way ({self.why}): ask' if self.why else f'"{self.sent}": ask'
        )


def _rule(pattern: str, plain: str = "", why: str = "", *, case: bool = False) -> tuple[re.Pattern[str], str, str]:
    return re.compile(pattern, 0 if case else re.IGNORECASE), plain, why


# A pattern, its reading (\\1 …) or "", why there is none. The order is that of the reading.
_AMOUNTS = (
    _rule(rf"({_AMOUNT})\s?I\.?U\.?(?!\w)", r"\1 international units"),
    _rule(rf"({_AMOUNT})\s?U(?![\w.])(?!/)", r"\1 units"),
    _rule(rf"({_AMOUNT})\s?cc(?!\w)", r"\1 mL"),
    _rule(rf"({_AMOUNT})\s?(?:[µμ]g|ug|\[?ug\]?)(?!\w)", r"\1 micrograms"),
    _rule(r"(?<![\d.,])(\d+)\.0+(?=\s?[A-Za-z%µμ]|\s*$)", r"\1"),
    _rule(r"(?<![\d.,])(\d+\.\d*[1-9])0+(?=\s?[A-Za-z%µμ]|\s*$)", r"\1"),
    _rule(r"(?<![\d,])\.(\d+)(?=\s?[A-Za-z%µμ])", r"0.\1"),
    # mL/h is how CLINICAL §5.3 itself writes the rate of an infusion: a caution on every pump would be read by nobody.
    _rule(
        r"(?<![A-Za-zµμ])(?!mL\s?/\s?h(?:r|our)?(?![\w/]))([A-Za-zµμ]+)\s?/\s?(\d[\d.]*\s?[A-Za-z]+|h|hr|hour|min|minute|kg|day|d|L|mL)(?![\w/])",
        r"\1 per \2",
    ),
    _rule(r"(?<![\d.,])([1-9]\d{3,})(?=\s?[A-Za-zµμ])", "thousands"),
    _rule(r"(\d[\d.,]*)\s?(?:gr|dram|drams|minim|minims|scruple|grain|grains)(?!\w)", "", "an apothecary unit"),
    _rule(r"[<>≥≤]\s?\d", "", "more or less"),
    _rule(r"\d\s?@", "", "a 2, or at"),
    _rule(r"\d\s?&", "", "a 2, or and"),
    _rule(r"\+\s?4|4\s?\+", "", "a 4, or and"),
    _rule(r"\d\s?°(?!\s?[CF])", "", "a degree, a nought or hours"),
)
_TIMES = (
    _rule(r"(?<!\w)Q\.?O\.?D\.?(?!\w)", "every other day"),
    _rule(r"(?<!\w)Q\.?D\.?(?!\w)", "once a day"),
    _rule(r"(?<!\w)O\.?D\.?(?!\w)", "", "once a day, or right eye"),
    _rule(r"(?<!\w)T\.?I\.?W\.?(?!\w)", "three times a week"),
    _rule(r"(?<!\w)q\.?\s?h\.?s\.?(?!\w)", "", "at bedtime, or every hour"),
    _rule(r"(?<!\w)q\.?\s?(\d{1,2})\s?h(?:r|rs|our|ours)?\.?(?!\w)", r"every \1 hours"),
    _rule(r"(?<!\w)q\.?\s?(\d{1,2})\s?d(?:ays?)?(?!\w)", r"every \1 days"),
    _rule(r"(?<!\w)x\s?\d+\s?d(?!\w)", "", "days, or doses"),
    _rule(r"(?<!\w)B\.?T\.?(?!\w)", "", "bedtime, or twice a day", case=True),
    _rule(r"(?<!\w)D/C(?!\w)", "", "discharge, or stop"),
    _rule(r"(?<!\w)A\.?U\.?(?!\w)", "", "each ear, or each eye", case=True),
    _rule(r"(?<!\w)ss(?!\w)", "", "a half, or a sliding scale", case=True),
)
_ROUTES = (
    _rule(r"(?<!\w)S\.?C\.?(?!\w)", "subcutaneous", case=True),
    _rule(r"(?<!\w)S\.?L\.?(?!\w)", "sublingual", case=True),
    _rule(r"(?<!\w)sub\.?\s?q(?!\w)", "subcutaneous"),
    _rule(r"(?<!\w)per\s?os(?!\w)", "by mouth"),
)
_NAMES = (
    _rule(r"(?<!\w)(?:MSO4|MgSO4)(?!\w)", "", "morphine sulfate, or magnesium sulfate"),
    _rule(r"(?<!\w)MS(?!\w)", "", "morphine sulfate, or magnesium sulfate", case=True),
    _rule(r"(?<!\w)AZT(?!\w)", "", "zidovudine, or azathioprine", case=True),
    _rule(r"(?<!\w)MTX(?!\w)", "", "methotrexate, or mitoxantrone", case=True),
    _rule(r"(?<!\w)HCTZ(?!\w)", "", "hydrochlorothiazide, or hydrocortisone", case=True),
    _rule(r"(?<!\w)HCT(?!\w)", "", "hydrocortisone, or hydrochlorothiazide", case=True),
    _rule(r"(?<!\w)CPZ(?!\w)", "", "prochlorperazine, or chlorpromazine", case=True),
    _rule(
        r"(?<!\w)TAC(?!\w)", "", "triamcinolone, or tetracaine with adrenaline and cocaine, or tacrolimus", case=True
    ),
    _rule(r"(?<!\w)ARA-?[AC](?!\w)", "", "vidarabine, or cytarabine"),
    _rule(r"(?<!\w)ZnSO4(?!\w)", "", "zinc sulfate, or morphine sulfate"),
    _rule(r"(?<!\w)nitro drip(?!\w)", "", "glyceryl trinitrate, or nitroprusside"),
    _rule(r"(?<!\w)norflox(?!\w)", "", "norfloxacin, or another drug"),
    _rule(r"[a-z]{4,}\d[\d.,]*\s?(?:mg|mcg|g|mL|units)(?!\w)", "", "name and number run together"),
)


def cautions(
    *, name: str = "", dose: str = "", route: str = "", often: str = "", more: str = ""
) -> tuple[Caution, ...]:
    """What in the texts of one medicine must be read with care; each once, in the order name, dose, route, times, rest."""
    found: list[Caution] = []
    for text, rules in ((name, _NAMES), (name, _AMOUNTS[:7]), (dose, _AMOUNTS), (route, (*_ROUTES, *_TIMES)),
                        (often, (*_TIMES, *_AMOUNTS)), (more, (*_AMOUNTS[:7], *_TIMES, *_ROUTES))):  # fmt: skip
        found += _in(text, rules)
    return tuple(dict.fromkeys(found))


def _in(text: str, rules: tuple[tuple[re.Pattern[str], str, str], ...]) -> list[Caution]:
    made: list[Caution] = []
    taken: list[tuple[int, int]] = []
    for pattern, plain, why in rules if text else ():
        for hit in pattern.finditer(text):
            if any(hit.start() < end and start < hit.end() for start, end in taken):
                continue  # `QOD` holds no `OD`
            taken.append(hit.span())
            reading = f"{int(hit[1]):,}" if plain == "thousands" else hit.expand(plain) if plain else ""
            made.append(Caution(hit[0].strip(), reading, why))
    return made
