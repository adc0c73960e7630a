"""What things, terms and texts are called in a reader's languages."""
