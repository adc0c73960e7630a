"""The sources of an answer: which statements each of its rows rests on, and who states them.

`plan.plan` reads a query and writes the one that carries its statements, `run.trace` asks both and joins
them, `origins.Origins` leads from a statement to the graphs, passages and documents that hold it. What the
rows mean is in ``docs/sources-of-answers.md``.
"""
