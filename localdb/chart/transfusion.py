"""What names a transfusion sample or request, by words and by codes (CLINICAL §3.3, hazard H16). Pure.

Rules: the words are compared without capitals, marks and punctuation, so that `X-Match`, `cross  match` and `G&S` are all
found; a platelet **count** is a blood count, platelets to be given are not. It may find too much (a label then is written
by hand, which is always right for a tube) and must not find too little.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable, Mapping
from typing import Any

from localdb.records.vocabulary import Coding, Record

FORMS = frozenset({"F05", "F06"})  # transfusion request; authorisation and bedside record
# LOINC: ABO and Rh group, ABO group, Rh type, antibody screen, antibody identification, major crossmatch, direct
# antiglobulin test, ABO group of a second sample (CLINICAL §3.4 and the card of the blood bank).
CODES = frozenset({"882-1", "883-9", "10331-7", "890-4", "888-8", "1250-0", "1007-4", "14578-7"})
_PHRASES = (
    r"transfus\w*", r"blood bank", r"cross ?match\w*", r"x ?match\w*", r"xm", r"compatib\w* test\w*",
    r"(group|type) (and |n |plus )?(save|screen|hold|crossmatch|xmatch)\w*",
    r"g (and |n )?s", r"gs", r"gands", r"t (and )?s",
    r"blood (group|type|grouping|typing)\w*", r"abo( ?rh\w*)?", r"rh ?d?( type| typing| group)", r"rh ?d", r"rhesus\w*",
    r"(red cell )?antibody (screen|ident)\w*", r"antiglobulin", r"dat", r"coombs\w*", r"kleihauer\w*",
    r"group(ing)? (check|sample)",
    r"(red|red blood|packed) cells(?! count)", r"rcc", r"prbcs?",
    r"ffp", r"(fresh )?frozen plasma", r"octaplas\w*", r"cryo(precip\w*)?",
    r"platelets? (\d+ )?(unit|pool|dose|for|to be|adult therapeutic)\w*",
    r"(pool|unit|adult therapeutic dose)s? (of )?platelets?",
    r"units? (of )?(blood|cells)", r"blood (product|component|unit)\w*", r"major h(a)?emorrhage( pack)?", r"o neg\w*",
)  # fmt: skip
_FOUND = re.compile(rf"\b(?:{'|'.join(_PHRASES)})\b")
_SPELT = re.compile(r"\b(?:[a-z] ){3,}[a-z]\b")


def _plain(text: str) -> str:
    """Lower case letters and digits with single spaces; `&` and `+` are `and`."""
    folded = unicodedata.normalize("NFKD", text).casefold()
    folded = "".join(c for c in folded if not unicodedata.category(c).startswith(("M", "Cf")))
    folded = re.sub(r"[&+/]", " and ", folded)
    return " ".join("".join(c if c.isalnum() else " " for c in folded).split())


def names_transfusion(text: str) -> bool:
    """Whether a text names a transfusion sample, test or component."""
    plain = _plain(text)
    joined = _SPELT.sub(lambda found: found[0].replace(" ", ""), plain)
    return bool(_FOUND.search(plain) or _FOUND.search(joined) or "crossmatch" in plain.replace(" ", ""))


def is_transfusion_code(codes: Iterable[Coding]) -> bool:
    return any(c.code in CODES for c in codes)


def record_is_transfusion(record: Record) -> bool:
    """Whether an order of the copy is one, by its codes, their names or its text."""
    said = (record.text, getattr(record, "category", ""), *(c.display for c in record.codes))
    return is_transfusion_code(record.codes) or any(names_transfusion(t) for t in said if t)


def request_is_transfusion(body: Mapping[str, Any]) -> bool:
    """Whether a request that the ward typed is one, by its kind, its tests or its reason's tests."""
    tests = body.get("tests") or ()
    said = [str(body.get("kind") or ""), *(str(t) for t in tests)]
    return any(names_transfusion(t) for t in said)


def serial_is_transfusion(serial: str) -> bool:
    """Whether the serial of a sheet is that of a transfusion form."""
    bare = re.sub(r"[\s-]", "", serial).upper()
    return bare[4:7] in FORMS
