"""Tests in which researchers' own programs do the work: `make tools` sees to them and runs these."""
