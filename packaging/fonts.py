"""Makes `resources/fonts` from the npm packages `@expo-google-fonts/*`.

Usage: python packaging/fonts.py NODE_MODULES OUT. Run only when a font is added or renewed; the result is committed.

Rules: TrueType outlines only (reportlab refuses CFF). Identifiers need a slashed zero on paper as on the screen, and
reportlab cannot switch OpenType features, so the `zero` substitute is baked into a copy. "Plex" is a reserved font name
(OFL-1.1 §3), so that copy carries names of our own: "Wardlamp Sans ID" and "Wardlamp Mono".
"""

from __future__ import annotations

import shutil
import sys
from pathlib import Path

from fontTools.subset import Options, Subsetter
from fontTools.ttLib import TTFont

SCOPE = "@expo-google-fonts"
PACKAGES = {  # package: (file stem there, our stem, weights)
    "ibm-plex-sans": ("IBMPlexSans", "IBMPlexSans", ("400Regular", "500Medium", "600SemiBold", "700Bold")),
    "ibm-plex-mono": ("IBMPlexMono", "IBMPlexMono", ("400Regular", "600SemiBold", "700Bold")),
    "noto-sans": ("NotoSans", "NotoSans", ("400Regular", "700Bold")),
    "noto-naskh-arabic": ("NotoNaskhArabic", "NotoNaskhArabic", ("400Regular", "700Bold")),
    "noto-sans-hebrew": ("NotoSansHebrew", "NotoSansHebrew", ("400Regular", "700Bold")),
    "noto-sans-devanagari": ("NotoSansDevanagari", "NotoSansDevanagari", ("400Regular", "700Bold")),
    "noto-sans-bengali": ("NotoSansBengali", "NotoSansBengali", ("400Regular", "700Bold")),
    "noto-sans-gurmukhi": ("NotoSansGurmukhi", "NotoSansGurmukhi", ("400Regular", "700Bold")),
    "noto-sans-gujarati": ("NotoSansGujarati", "NotoSansGujarati", ("400Regular", "700Bold")),
    "noto-sans-tamil": ("NotoSansTamil", "NotoSansTamil", ("400Regular", "700Bold")),
    "noto-sans-thai": ("NotoSansThai", "NotoSansThai", ("400Regular", "700Bold")),
    "noto-sans-sc": ("NotoSansSC", "NotoSansSC", ("400Regular",)),
}
IDENTIFIER_FONTS = {"IBMPlexSans": "Wardlamp Sans ID", "IBMPlexMono": "Wardlamp Mono"}
IDENTIFIER_WEIGHTS = ("400Regular", "600SemiBold", "700Bold")
HANGUL = [*range(0x1100, 0x1200), *range(0x3130, 0x3190), *range(0xAC00, 0xD7B0)]
ZERO = 0x30
FAMILY, SUBFAMILY, UNIQUE, FULL, POSTSCRIPT, TRADEMARK, TYPO_FAMILY, TYPO_SUBFAMILY = 1, 2, 3, 4, 6, 7, 16, 17


def slashed_zero(font: TTFont) -> str:
    """The glyph that the font's own `zero` feature puts in place of the plain zero."""
    table = font["GSUB"].table
    plain = font.getBestCmap()[ZERO]
    for record in table.FeatureList.FeatureRecord:
        if record.FeatureTag != "zero":
            continue
        for index in record.Feature.LookupListIndex:
            for subtable in table.LookupList.Lookup[index].SubTable:
                mapping = getattr(getattr(subtable, "ExtSubTable", subtable), "mapping", {})
                if plain in mapping:
                    return str(mapping[plain])
    raise SystemExit("this font has no slashed zero")


def rename(font: TTFont, family: str, weight: str) -> None:
    """Give every name record that carries the reserved name one of ours."""
    names = font["name"]
    plain = weight in ("Regular", "Bold")
    squeezed = family.replace(" ", "")
    wanted = {
        FAMILY: family if plain else f"{family} {weight}",
        SUBFAMILY: weight if plain else "Regular",
        UNIQUE: f"Wardlamp;{squeezed}-{weight}",
        FULL: f"{family} {weight}",
        POSTSCRIPT: f"{squeezed}-{weight}",
    }
    if not plain:
        wanted |= {TYPO_FAMILY: family, TYPO_SUBFAMILY: weight}
    names.names = [r for r in names.names if r.nameID not in (*wanted, TRADEMARK, TYPO_FAMILY, TYPO_SUBFAMILY)]
    for number, text in wanted.items():
        names.setName(text, number, 3, 1, 0x409)


def bake_slashed_zero(source: Path, target: Path, family: str, weight: str) -> None:
    font = TTFont(source, recalcTimestamp=False)
    zero = slashed_zero(font)
    for table in font["cmap"].tables:
        if ZERO in table.cmap:
            table.cmap[ZERO] = zero
    rename(font, family, weight)
    font.save(target)


def keep_hangul(source: Path, target: Path) -> None:
    """Korean letters only: the Han characters are already in Noto Sans SC."""
    font = TTFont(source, recalcTimestamp=False)
    options = Options()
    options.layout_features = ["*"]
    options.name_IDs = ["*"]
    options.notdef_outline = True
    subsetter = Subsetter(options)
    subsetter.populate(unicodes=HANGUL)
    subsetter.subset(font)
    font.save(target)


def main(node_modules: Path, out: Path) -> None:
    out.mkdir(parents=True, exist_ok=True)
    for package, (stem, ours, weights) in PACKAGES.items():
        folder = node_modules / SCOPE / package
        shutil.copyfile(folder / "LICENSE_FONT", out / f"OFL-{ours}.txt")
        for numbered in weights:
            source, weight = folder / numbered / f"{stem}_{numbered}.ttf", numbered.lstrip("0123456789")
            shutil.copyfile(source, out / f"{ours}-{weight}.ttf")
            if ours in IDENTIFIER_FONTS and numbered in IDENTIFIER_WEIGHTS:
                family = IDENTIFIER_FONTS[ours]
                bake_slashed_zero(source, out / f"{family.replace(' ', '')}-{weight}.ttf", family, weight)
    korean = node_modules / SCOPE / "noto-sans-kr"
    shutil.copyfile(korean / "LICENSE_FONT", out / "OFL-NotoSansKR.txt")
    keep_hangul(korean / "400Regular" / "NotoSansKR_400Regular.ttf", out / "NotoSansKR-Regular.ttf")


if __name__ == "__main__":
    main(Path(sys.argv[1]), Path(sys.argv[2]))
