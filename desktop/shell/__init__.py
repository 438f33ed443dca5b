"""What every screen is drawn with: tokens, type, painters, parts, and the context that screens get."""
