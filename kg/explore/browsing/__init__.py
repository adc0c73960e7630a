"""What there is: classes, properties and schemes, and the things of a class by facets."""
