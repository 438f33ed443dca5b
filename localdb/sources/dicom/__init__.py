"""DICOM (PS3) to units: Part 10 files, DICOMDIRs; structured reports and encapsulated documents among them.

`reading` and `child` are what others call; the rest runs in the child, where a hostile file can do no harm.
"""
