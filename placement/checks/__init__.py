"""Checks that people ask for: what they expect of a plan, and whether it holds."""
