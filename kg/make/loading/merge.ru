# Every named graph's statements into the default graph.
INSERT { ?s ?p ?o }
WHERE { GRAPH ?graph { ?s ?p ?o } }
