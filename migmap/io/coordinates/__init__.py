"""Where rows are: coordinates in every way they are written, and what is odd about them."""
