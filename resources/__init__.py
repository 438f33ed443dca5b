"""Data that Wardlamp ships: fonts, icons, forms, code tables, help, the demonstration. Read by importlib.resources."""
