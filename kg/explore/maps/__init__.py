"""Where things lie: points, the signs of a map and the ground under them."""
