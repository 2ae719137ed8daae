"""The engine: objects become arrays once (`problem`), then only arrays until the plan is written.

Array names end in their axes: `w` workload, `h` hardware shape, `s` site, `o` offer, `p` purchase model.
Money is whole micro-dollars and quantities whole thousandths, both exact in float64.
"""
