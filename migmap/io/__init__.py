"""Bytes to data and back: references, probing, reading, and writing that never leaves a half-made file."""
