"""Proofs: the program under kill -9, power loss, platform chaos. `miaohui prove NAME`."""
