"""What the figures are counted from, and the lists beside them."""
