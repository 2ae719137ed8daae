"""Where should each AI workload run, bought how, at what cost, and why not elsewhere."""

__version__ = "0.1.0"
