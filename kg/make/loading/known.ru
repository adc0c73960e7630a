# Take out of a graph what the merge says already.
DELETE { GRAPH ?graph { ?s ?p ?o } }
WHERE {
  VALUES ?graph { UNDEF }
  GRAPH ?graph { ?s ?p ?o }
  FILTER EXISTS { ?s ?p ?o }
}
