"""Cells to values: numbers, dates, units; personal data found and kept out."""
