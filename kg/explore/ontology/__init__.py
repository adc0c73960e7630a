"""What the ontology says of how things are shown: its classes, properties and shapes."""
