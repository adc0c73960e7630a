"""What is told beside an answer, or instead of one: hints on it, and what a faulty query may have meant."""
