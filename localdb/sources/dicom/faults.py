"""Why a DICOM file is not taken: one exception with its code, raised while it is read, answered to whoever fed it."""

from __future__ import annotations


class DicomRefused(Exception):
    """A file that cannot be taken: `code` of errors.toml, words without its content, and what is known of it by then."""

    def __init__(self, code: str, words: str, type_: str = "", uid: str = "") -> None:
        super().__init__(words)
        self.code, self.type, self.uid = code, type_, uid
