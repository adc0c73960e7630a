"""Files of ontology and data read into one store, and the faults of their form."""
