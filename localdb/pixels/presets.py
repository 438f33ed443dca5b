"""Windows by name (CLINICAL §4.3). Typical figures: vendors vary, so a site may give its own."""

from __future__ import annotations

from typing import Annotated

import msgspec


class Preset(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """A window by name: `width` and `level` in the units of the picture (HU for CT)."""

    name: Annotated[str, msgspec.Meta(min_length=1, max_length=24, pattern=r"\S")]
    width: Annotated[float, msgspec.Meta(ge=1, le=65_536)]
    level: Annotated[float, msgspec.Meta(ge=-65_536, le=65_536)]


# CLINICAL §4.3, CT: typical, vendors vary.
TYPICAL = (
    Preset("Brain", 80, 40), Preset("Stroke", 40, 40), Preset("Subdural", 200, 75), Preset("Temporal bone", 2800, 600),
    Preset("Lung", 1500, -600), Preset("Mediastinum", 350, 50), Preset("Abdomen", 400, 50), Preset("Liver", 150, 30),
    Preset("Bone", 1800, 400), Preset("Spine", 250, 50), Preset("CT angiogram", 700, 100), Preset("Neck", 350, 50),
)  # fmt: skip
