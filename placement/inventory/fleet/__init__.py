"""Workloads in a file of rows: JSON lines or CSV, read in one pass, flat in memory, parsed again when needed."""
