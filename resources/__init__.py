"""What Wardlamp ships beside code: fonts, icons, forms, code tables, help, the demonstration (`importlib.resources`)."""
