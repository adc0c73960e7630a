"""Questions that a dataset answers, and how an answer is laid out, traced and drawn."""
