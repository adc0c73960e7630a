"""Writing a query anew, so that an engine with known faults answers it as the standard says."""
