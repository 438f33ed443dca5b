"""The images of the demonstration as DICOM files: phantoms (`phantom_*.py`) under the names of its invented patients.

Two chest films of one patient, two CTs of her chest with a key image, a CT head of which six slices never came, colour
Doppler frame by frame, a foot, a film that nobody has reported, and one under the number of somebody unknown.
"""

from __future__ import annotations

import io
from collections.abc import Callable
from functools import partial
from pathlib import Path
from typing import Any

import imagecodecs
import numpy as np
import phantom_ct
import phantom_others
from fhir import HOSPITAL_NUMBER, NHS_NUMBER, TEMPORARY_NUMBER, when
from phantom_chest import Chest, radiograph
from pydicom.dataset import Dataset, FileMetaDataset
from pydicom.encaps import encapsulate
from pydicom.sequence import Sequence
from pydicom.uid import UID, ExplicitVRLittleEndian, JPEGBaseline8Bit, JPEGLSLossless

ROOT = "1.2.826.0.1.3680043.10.999"
MAKER = UID(f"{ROOT}.1")
DX, CT, US, KO = (
    UID(f"1.2.840.10008.5.1.4.1.1.{end}") for end in ("1.1.1", "2", "3.1", "88.59")
)  # as PS3.6 Annex A names them
HOSPITAL = "Northmoor University Hospital"
CHESTS: dict[str, Chest] = {
    "now": Chest("ash now", opacity=((-70, 262, 42, 0.75), (-95, 240, 30, 0.5)), fluid=14, heart=1.06),
    "before": Chest("ash before", heart=1.04),
    "tube": Chest("ash tube", tube=True, lungs=0.9, lean=4, coarse=1.6, heart=1.1, opacity=((-60, 258, 46, 0.5),)),
    "unknown": Chest("ash unknown", lungs=0.95, coarse=1.5, opacity=((-72, 268, 36, 0.45),), lean=-3),
}
HEAD_SLICES = [n for n in range(1, 31) if n not in (13, 14, 15, 16, 29, 30)]  # what came of 30
CHEST_SLICES, NODULE = 24, (-75.0, 225.0, 16, 7.0)


def plan(patients: list[dict[str, Any]]) -> dict[str, Callable[[], bytes]]:
    """What makes each file, by its path in the folder of the source."""
    beds = {p["bed"]: p for p in patients}
    star, head, leg, foot, stroke = (beds[b] for b in ("A1", "A6", "A4", "B6", "C5"))
    x_ray, tube = "Chest X-ray", "Chest X-ray, feeding tube"
    out: dict[str, Callable[[], bytes]] = {}
    for name, who, study, accession, at, exam, text, chest in (
        ("now", _of(star), _uid(star, 1), "NUH26-118204", "23 19:12", x_ray, "PA erect", "chest-2026-11"),
        ("before", _of(star), _uid(star, 2), "NUH25-021877", "2025-03-03 11:20", x_ray, "PA erect", "chest-2025-03"),
        ("tube", _of(stroke), _uid(stroke, 9), "NUH26-118251", "23 23:05", tube, "AP mobile", "chest-tube"),
        ("unknown", _unknown(), f"{ROOT}.7731904.1", "NUH26-118166", "23 16:02", x_ray, "AP resus", "chest-unknown"),
    ):
        out[f"{chest}/IM0001.dcm"] = partial(_film, who, study, accession, at, exam, text, CHESTS[name])
    out["foot/IM0001.dcm"] = partial(_foot, foot)
    out["leg-veins/IM0001.dcm"] = partial(_doppler, leg)
    for name, n, accession, at in (
        ("ct-chest-2026-02", 21, "NUH26-014820", "2026-02-04 10:15"),
        ("ct-chest-2026-08", 22, "NUH26-078233", "2026-08-06 09:40"),
    ):
        for k in range(CHEST_SLICES):
            out[f"{name}/IM{k + 1:04d}.dcm"] = partial(_chest_slice, star, n, accession, at, k)
    key = partial(_key_image, star, 22, "NUH26-078233", "2026-08-06 09:40", NODULE[2])
    out["ct-chest-2026-08/KO0001.dcm"] = key
    for k in HEAD_SLICES:
        out[f"ct-head/IM{k:04d}.dcm"] = partial(_head_slice, head, k)
    return out


def write(out: Path, patients: list[dict[str, Any]]) -> None:
    """Makes every file under `out`."""
    for name, make in plan(patients).items():
        path = out / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(make())


def _uid(person: dict[str, Any], n: int) -> str:
    """The Study Instance UID by which the radiology system knows the examination too (imaging.py)."""
    return f"{ROOT}.{int(person['mrn'][1:])}.{n}"


def _of(person: dict[str, Any]) -> dict[str, str]:
    names = "^".join((person["family"], *[" ".join(person["given"])]))
    sex = {"female": "F", "male": "M"}.get(person["gender"], "O")
    return {"number": person["mrn"], "issuer": HOSPITAL_NUMBER, "nhs": person.get("nhs", ""), "name": names,
            "born": person["born"].replace("-", ""), "sex": sex}  # fmt: skip


def _unknown() -> dict[str, str]:
    """Who came without a name: a number of the emergency department's own list; later found to lie on the ward."""
    return {"number": "RNX99-7731904", "issuer": TEMPORARY_NUMBER, "nhs": "", "name": "TANGO^Sierra", "born": "19510101",
            "sex": "F"}  # fmt: skip


def _begun(who: dict[str, str], study: str, accession: str, at: str, exam: str, sop: UID, modality: str) -> Dataset:
    moment, made = when(at), Dataset()
    made.SpecificCharacterSet = "ISO_IR 192"
    made.SOPClassUID, made.Modality, made.Manufacturer = sop, modality, "Phantom"
    made.StudyInstanceUID, made.StudyID, made.AccessionNumber = study, study.rsplit(".", 1)[1], accession
    made.StudyDescription, made.InstitutionName, made.ReferringPhysicianName = exam, HOSPITAL, ""
    for what in ("Study", "Series", "Acquisition", "Content"):
        setattr(made, f"{what}Date", moment[:10].replace("-", ""))
        setattr(made, f"{what}Time", moment[11:19].replace(":", ""))
    made.TimezoneOffsetFromUTC = moment[19:].replace(":", "")
    made.PatientName, made.PatientID, made.IssuerOfPatientID = who["name"], who["number"], who["issuer"]
    made.PatientBirthDate, made.PatientSex = who["born"], who["sex"]
    if who["nhs"]:
        other = Dataset()
        other.PatientID, other.IssuerOfPatientID, other.TypeOfPatientID = who["nhs"], NHS_NUMBER, "TEXT"
        made.OtherPatientIDsSequence = Sequence([other])
    return made


def _placed(made: Dataset, series: int, text: str, number: int) -> Dataset:
    made.SeriesInstanceUID = f"{made.StudyInstanceUID}.{series}"
    made.SOPInstanceUID = f"{made.SeriesInstanceUID}.{number}"
    made.SeriesNumber, made.InstanceNumber, made.SeriesDescription = series, number, text
    return made


def _grey(made: Dataset, pixels: np.ndarray, bits: int, kind: str = "MONOCHROME2") -> Dataset:
    made.Rows, made.Columns = pixels.shape
    made.SamplesPerPixel, made.PhotometricInterpretation, made.PixelRepresentation = 1, kind, 0
    made.BitsAllocated, made.BitsStored, made.HighBit = 16, bits, bits - 1
    made.PixelData = encapsulate([bytes(imagecodecs.jpegls_encode(pixels))])
    return made


def _film(
    who: dict[str, str], study: str, accession: str, at: str, exam: str, text: str, chest: Chest
) -> bytes:  # fmt: skip
    made = _placed(_begun(who, study, accession, at, exam, DX, "DX"), 1, text, 1)
    _grey(made, radiograph(chest), 12)
    made.ViewPosition, made.BodyPartExamined, made.PatientOrientation = text[:2], "CHEST", ["L", "F"]
    made.ImageType, made.ImageLaterality = ["ORIGINAL", "PRIMARY", ""], "U"
    made.ImagerPixelSpacing = ["0.42", "0.42"]
    made.PresentationIntentType, made.BurnedInAnnotation = "FOR PRESENTATION", "NO"
    made.WindowCenter, made.WindowWidth = ["1800", "1500"], ["3600", "2600"]
    made.WindowCenterWidthExplanation = ["Standard", "Lungs"]
    return _file(made, JPEGLSLossless)


def _foot(person: dict[str, Any]) -> bytes:
    made = _placed(_begun(_of(person), _uid(person, 1), "NUH26-117488", "20 09:10", "X-ray, right foot", DX, "DX"), 1,
                   "Right foot AP", 1)  # fmt: skip
    _grey(made, phantom_others.foot("ash"), 10, "MONOCHROME1")
    made.ViewPosition, made.BodyPartExamined, made.PatientOrientation = "AP", "FOOT", ["L", "H"]
    made.ImageType, made.ImageLaterality = ["ORIGINAL", "PRIMARY", ""], "R"
    made.ImagerPixelSpacing, made.PixelSpacing = ["0.28", "0.28"], ["0.265", "0.265"]
    made.PixelSpacingCalibrationType, made.PixelSpacingCalibrationDescription = "GEOMETRY", "table to detector"
    made.PresentationIntentType, made.BurnedInAnnotation = "FOR PRESENTATION", "NO"
    made.WindowCenter, made.WindowWidth = "640", "760"
    return _file(made, JPEGLSLossless)


def _slice(
    made: Dataset, pixels: np.ndarray, side: float, z: float, thick: float, windows: list[tuple[str, str, str]]
) -> bytes:
    _grey(made, pixels, 12)
    spacing = f"{side / pixels.shape[0]:.6g}"
    made.PixelSpacing, made.SliceThickness = [spacing, spacing], f"{thick:g}"
    made.ImageOrientationPatient = ["1", "0", "0", "0", "1", "0"]
    made.ImagePositionPatient, made.SliceLocation = [f"{-side / 2:g}", f"{-side / 2:g}", f"{z:g}"], f"{z:g}"
    made.FrameOfReferenceUID = f"{made.StudyInstanceUID}.0"
    made.ImageType, made.KVP = ["ORIGINAL", "PRIMARY", "AXIAL"], "120"
    made.RescaleSlope, made.RescaleIntercept, made.RescaleType = "1", "-1024", "HU"
    made.WindowCenterWidthExplanation = [name for name, _, _ in windows]
    made.WindowCenter, made.WindowWidth = [c for _, c, _ in windows], [w for _, _, w in windows]
    return _file(made, JPEGLSLossless)


def _chest_slice(star: dict[str, Any], n: int, accession: str, at: str, k: int) -> bytes:
    made = _placed(_begun(_of(star), _uid(star, n), accession, at, "CT chest", CT, "CT"), 3, "Chest, 5 mm", k + 1)
    made.BodyPartExamined = "CHEST"
    windows = [("Lung", "-600", "1500"), ("Mediastinum", "50", "350")]
    return _slice(made, phantom_ct.chest(k, CHEST_SLICES, f"{n}", NODULE), 360, 120 - 10 * k, 5, windows)


def _head_slice(person: dict[str, Any], k: int) -> bytes:
    made = _placed(
        _begun(_of(person), _uid(person, 1), "NUH26-117977", "22 19:55", "CT head", CT, "CT"), 1, "Head, 5 mm", k
    )
    made.BodyPartExamined = "HEAD"
    pixels = phantom_ct.head((k - 0.5) / 30, f"ash {k}")
    return _slice(made, pixels, 230, -70 + 5 * k, 5, [("Brain", "40", "80"), ("Bone", "400", "1800")])


def _doppler(person: dict[str, Any]) -> bytes:
    made = _begun(_of(person), _uid(person, 1), "NUH26-117640", "21 16:05", "Ultrasound, left leg veins", US, "US")
    _placed(made, 1, "Femoral vein, colour", 1)
    frames = phantom_others.doppler("ash")
    packed = [bytes(imagecodecs.jpeg8_encode(f, level=80, colorspace="RGB", outcolorspace="YCBCR", subsampling="422"))
              for f in frames]  # fmt: skip
    made.NumberOfFrames, made.Rows, made.Columns, made.SamplesPerPixel = len(frames), *frames.shape[1:]
    made.PhotometricInterpretation, made.PlanarConfiguration, made.PixelRepresentation = "YBR_FULL_422", 0, 0
    made.BitsAllocated, made.BitsStored, made.HighBit = 8, 8, 7
    made.FrameTime, made.BodyPartExamined, made.Laterality = str(phantom_others.FRAME_MS), "LEG", "L"
    made.FrameIncrementPointer, made.ImageType = 0x00181063, ["ORIGINAL", "PRIMARY", "VASCULAR", "0011"]
    made.LossyImageCompression, made.LossyImageCompressionMethod = "01", "ISO_10918_1"
    made.LossyImageCompressionRatio = f"{frames.nbytes / sum(map(len, packed)):.1f}"
    region = Dataset()
    region.RegionSpatialFormat, region.RegionDataType, region.RegionFlags = 1, 1, 0
    region.RegionLocationMinX0, region.RegionLocationMinY0 = 16, 0
    region.RegionLocationMaxX1, region.RegionLocationMaxY1 = 384, 299
    region.PhysicalUnitsXDirection = region.PhysicalUnitsYDirection = 3  # cm
    region.PhysicalDeltaX = region.PhysicalDeltaY = 0.01
    made.SequenceOfUltrasoundRegions = Sequence([region])
    made.BurnedInAnnotation = "NO"
    made.PixelData = encapsulate(packed)
    return _file(made, JPEGBaseline8Bit)


def _key_image(star: dict[str, Any], n: int, accession: str, at: str, k: int) -> bytes:
    """A key object selection (PS3.3 A.35.4) that names one slice."""
    made = _placed(_begun(_of(star), _uid(star, n), accession, at, "CT chest", KO, "KO"), 9, "Key images", 1)
    image = Dataset()
    image.ReferencedSOPClassUID = CT
    image.ReferencedSOPInstanceUID = f"{made.StudyInstanceUID}.3.{k + 1}"
    code = Dataset()
    code.CodeValue, code.CodingSchemeDesignator, code.CodeMeaning = "113000", "DCM", "Of Interest"
    series, study, content = Dataset(), Dataset(), Dataset()
    series.SeriesInstanceUID, series.ReferencedSOPSequence = f"{made.StudyInstanceUID}.3", Sequence([image])
    study.StudyInstanceUID, study.ReferencedSeriesSequence = made.StudyInstanceUID, Sequence([series])
    content.RelationshipType, content.ValueType, content.ReferencedSOPSequence = "CONTAINS", "IMAGE", Sequence([image])
    made.CurrentRequestedProcedureEvidenceSequence = Sequence([study])
    made.ValueType, made.ConceptNameCodeSequence, made.ContinuityOfContent = "CONTAINER", Sequence([code]), "SEPARATE"
    made.ContentSequence = Sequence([content])
    return _file(made, ExplicitVRLittleEndian)


def _file(made: Dataset, syntax: UID) -> bytes:
    meta = FileMetaDataset()
    meta.MediaStorageSOPClassUID, meta.MediaStorageSOPInstanceUID = made.SOPClassUID, made.SOPInstanceUID
    meta.TransferSyntaxUID, meta.ImplementationClassUID, meta.ImplementationVersionName = syntax, MAKER, "WARDLAMPDEMO"
    made.file_meta = meta
    out = io.BytesIO()
    made.save_as(out, enforce_file_format=True)
    return out.getvalue()
