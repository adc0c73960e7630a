"""What was built becomes a release: its numbers and descriptions, its files, its place."""
