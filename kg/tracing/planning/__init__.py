"""Writing a query so that its solutions carry the statements that they rest on."""
