"""Forms generated from what an analysis or exporter declares."""
