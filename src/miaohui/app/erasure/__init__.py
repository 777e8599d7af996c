"""Erasing a person over all rooms: what is done in which order, as a job or from the command line (R20)."""
