"""`cxrtui report`: all that a recipe came to, on one page."""
