"""Tables: of the things of a class and of a query's rows, as CSV with CSVW, Parquet and workbooks."""
