"""Pages of a release as a whole: what it is, its files and words, its quality, what changed since others."""
