"""Public reads of insight."""
