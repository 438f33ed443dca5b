"""Made-up labels and wristbands on a stock, and what a scanner types for the codes of a page."""

from __future__ import annotations

import msgspec
import zxingcpp
from PIL import Image

from desktop.forms.model import FormModel
from desktop.printing import preview
from localdb.chart.matching import ON_PAPER
from localdb.chart.views import PatientView
from localdb.labels import BandJob, LabelJob, shipped
from tests.unit.forms import paper


def label_model(who: PatientView, stock: str, seed: int = 0, *, alike: bool = False, count: int = 0) -> FormModel:
    mark = sorted(ON_PAPER)[seed % len(ON_PAPER)] if alike else ""
    chart = msgspec.structs.replace(paper.chart(who), alike=mark)
    job = LabelJob(name=stock, stock=shipped().stocks[stock], request=paper.serial("F03", 9), count=count)
    return paper.model("F07", chart, n=seed + 1, label=job)


def band_model(who: PatientView, stock: str, seed: int = 0) -> FormModel:
    job = BandJob(name=stock, stock=shipped().bands[stock], ods="RJC")
    return paper.model("F10", paper.chart(who), n=seed + 1, label=job)


def codes_of(pdf: bytes, page: int = 0) -> list[str]:
    """What a scanner types for each code of a page."""
    made = preview.page_image(pdf, page, 300)
    image = Image.frombytes("RGBA", (made.width, made.height), made.rgba).convert("L")
    formats = [zxingcpp.BarcodeFormat.DataMatrix, zxingcpp.BarcodeFormat.Code128]
    return [
        f"{b.symbology_identifier if b.content_type == zxingcpp.ContentType.GS1 else ''}{b.bytes.decode('ascii')}"
        for b in zxingcpp.read_barcodes(image, formats=formats)
    ]
