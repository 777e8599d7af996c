"""Figures, measured: `miaohui bench NAME`. Ratios inside one run; the machine is printed with them."""
