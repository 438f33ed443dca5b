"""The ward: the board of beds, search as you type, lists of people, what is waiting."""
