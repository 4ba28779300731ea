"""A document or a view to a picture, with QtGui alone: works offscreen and in worker threads."""
