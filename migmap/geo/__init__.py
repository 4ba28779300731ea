"""Computation on handles: no files written, no state."""
