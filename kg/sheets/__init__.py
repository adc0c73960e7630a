"""A document's statements as a workbook that curators fill, and back to TriG: see ``docs/curating.md``.

`plan` says which sheets and columns the shapes ask for, `write` fills a workbook with what a release has of a
document, `read` gives its statements. What no column holds stands in a sheet of single statements, so nothing
is lost on the way there and back.
"""
