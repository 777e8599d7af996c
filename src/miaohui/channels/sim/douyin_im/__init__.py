"""A simulated 抖音 open platform: private messages, authorisations, comments."""
