"""Help: keys, the four allergy words, what ages mean, every error code."""
