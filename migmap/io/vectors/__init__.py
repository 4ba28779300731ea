"""Features: every format that holds shapes, read whole, with what its driver would hide."""
