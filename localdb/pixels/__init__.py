"""Images as numbers: the file that holds frames, and the arithmetic from stored values to what is seen. No I/O, no Qt.

`facts` what a viewer needs to know of an image, `container` the file in `blobs/`; `display` stored value to grey,
`sampling` to the size of the screen, `planes` overlays and shutters; `geometry` letters and the view, `stack` order, gaps
and links of slices, `measure` lengths and values with their caveats, `sides` whether the side agrees, `annotations` what
presentation states draw, `test_pattern` grey steps.
"""
