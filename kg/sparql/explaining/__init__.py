"""What is told to who wrote a query: where it stops being SPARQL, and how its answer may surprise."""
