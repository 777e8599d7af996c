"""Example files: a simulated shop with a known truth, written in the platforms' forms (`miaohui example-files`)."""
