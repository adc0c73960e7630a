# Put a graph's statements into the merge.
INSERT { ?s ?p ?o }
WHERE {
  VALUES ?graph { UNDEF }
  GRAPH ?graph { ?s ?p ?o }
}
