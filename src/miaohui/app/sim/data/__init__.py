"""Data files of the demo. See README.md."""
