"""Rasters and tile sets: their header, their cells looked over, what their names say."""
