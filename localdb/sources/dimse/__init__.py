"""DICOM by network: the storage listener, and asking an archive (C-ECHO, C-FIND, C-MOVE, C-GET, worklist); by pynetdicom.

Nothing here knows the intake: `exchange` is what passes between the wire and whoever stores. pynetdicom writes what it
hears into its log, and may put objects into clear temporary files; `wire` turns both off.
"""
