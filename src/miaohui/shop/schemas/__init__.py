"""Bodies of the shop's routes."""
