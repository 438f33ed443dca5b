"""DICOM files made for tests: small, whole, of somebody who is not there."""

from __future__ import annotations

import io
import zlib
from typing import Any

import msgspec
import pydicom
from pydicom.dataset import Dataset, FileDataset, FileMetaDataset
from pydicom.uid import DeflatedExplicitVRLittleEndian, ExplicitVRLittleEndian

from localdb.records.vocabulary import RECORD_DECODER, Instance, Patient, Record
from localdb.sources.units import FileReading

CT = "1.2.840.10008.5.1.4.1.1.2"
ROOT = "1.2.826.0.1.3680043.10.999."


def image(**elements: Any) -> FileDataset:
    """A CT slice of 4 × 4 whose stored values are 0 to 15; `elements` by keyword on top, None takes one away."""
    meta = FileMetaDataset()
    meta.TransferSyntaxUID = ExplicitVRLittleEndian
    meta.MediaStorageSOPClassUID = CT
    meta.MediaStorageSOPInstanceUID = ROOT + "4.1"
    ds = FileDataset("", {}, file_meta=meta, preamble=b"\0" * 128)
    ds.SOPClassUID, ds.SOPInstanceUID = CT, ROOT + "4.1"
    ds.StudyInstanceUID, ds.SeriesInstanceUID = ROOT + "2.1", ROOT + "3.1"
    ds.PatientID, ds.PatientName, ds.PatientBirthDate, ds.PatientSex = "H123", "TEST^Ann^Mary^Dr", "19570824", "F"
    ds.StudyDate, ds.StudyTime, ds.StudyDescription, ds.Modality = "20261120", "101500", "CT head", "CT"
    ds.InstanceCreationDate, ds.InstanceCreationTime = "20261120", "102000"
    ds.AccessionNumber, ds.InstanceNumber, ds.SeriesNumber = "ACC1", "7", "2"
    ds.Rows, ds.Columns, ds.SamplesPerPixel, ds.PhotometricInterpretation = 4, 4, 1, "MONOCHROME2"
    ds.BitsAllocated, ds.BitsStored, ds.HighBit, ds.PixelRepresentation = 16, 16, 15, 0
    ds.PixelData = b"".join(n.to_bytes(2, "little") for n in range(16))
    for name, value in elements.items():
        if value is None:
            delattr(ds, name)
        else:
            setattr(ds, name, value)
    return ds


def item(**elements: Any) -> Dataset:
    """An item of a sequence."""
    ds = Dataset()
    for name, value in elements.items():
        setattr(ds, name, value)
    return ds


def code(value: str, scheme: str, words: str) -> Dataset:
    return item(CodeValue=value, CodingSchemeDesignator=scheme, CodeMeaning=words)


def packed(ds: Dataset) -> bytes:
    """The file."""
    stream = io.BytesIO()
    pydicom.dcmwrite(stream, ds, enforce_file_format=True)
    return stream.getvalue()


def with_body(body: bytes, syntax: str = ExplicitVRLittleEndian) -> bytes:
    """A file of the data set of `image()` with `body` after it, in the given transfer syntax."""
    ds = image(PixelData=None)
    plain = packed(ds)
    start = plain.index(b"\x08\x00\x12\x00DA")  # the first element of the data set
    ds.file_meta.TransferSyntaxUID = syntax
    stream = io.BytesIO()
    pydicom.dcmwrite(stream, image(PixelData=None, file_meta=ds.file_meta), enforce_file_format=True)
    head = stream.getvalue()
    meta_length = 144 + int.from_bytes(head[140:144], "little")
    data_set = plain[start:] + body
    if syntax == DeflatedExplicitVRLittleEndian:
        packer = zlib.compressobj(wbits=-zlib.MAX_WBITS)
        data_set = packer.compress(data_set) + packer.flush()
    return head[:meta_length] + data_set


def records(reading: FileReading, unit: int = 0) -> list[Record]:
    found = [RECORD_DECODER.decode(f.body) for f in reading.units[unit].facts]
    assert all(isinstance(r, msgspec.Struct) for r in found)
    return list(found)


def patient_in(reading: FileReading) -> Patient:
    return next(r for r in records(reading) if isinstance(r, Patient))


def instance_in(reading: FileReading) -> Instance:
    return next(r for r in records(reading) if isinstance(r, Instance))
