"""What is stated, and by which graphs: statements, tables of embedded nodes, figures, lists, whole graphs."""
