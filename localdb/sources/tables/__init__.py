"""CSV and XLSX exports of small systems, read by a mapping file (DESIGN §4): one row is one unit."""
