"""Images as numbers: the file that holds frames, and the arithmetic from stored values to what is seen. No I/O, no Qt.

`facts` what a viewer needs to know of an image, `container` the file in `blobs/`.
"""
