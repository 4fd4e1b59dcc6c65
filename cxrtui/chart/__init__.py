"""Charts in a terminal: numpy into braille, no plotting library."""
