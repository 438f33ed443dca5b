"""Imaging: the reports and what is held of each study. The viewer of pictures comes with a later issue."""
