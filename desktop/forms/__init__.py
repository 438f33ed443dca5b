"""Paper: pages drawn with reportlab as pure functions of frozen facts (DESIGN D10, LOOK §9, CLINICAL §6).

The way of a page: `FormModel → outline (facts as text) → blocks → flow onto pages → frame → PDF bytes`. Where a design
fails, `plain` prints the same outline as plain text. Nothing here imports Qt, reads a clock, or opens a file of a ward.
"""
