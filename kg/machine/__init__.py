"""The machine that the program runs on: its files and locks, its room, other processes."""
