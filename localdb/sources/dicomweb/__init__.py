"""DICOM by HTTP (DICOMweb, PS3.18): what has an archive (QIDO-RS), and sending it (WADO-RS), over urllib3.

dicomweb-client was tried: it reads whole answers without a limit, decodes and encodes each object anew, and its logger
names patients. It is the second client of the tests.
"""
