"""Answers as bytes: the formats of results, what each can hold, and where a long answer is kept."""
