"""The site's contingency plans on screen and on paper: F5, search, telephone directory, print."""
