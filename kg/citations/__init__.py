"""Citations of a release, and of a query's result on one, kept so that it can be verified and reproduced.

`formats` writes a citation in the styles that papers want; `identity` says when two queries are the same and
what a result's checksum is; `citation` is what is kept of a cited query, `store` keeps it; `check` runs one
again.
"""
