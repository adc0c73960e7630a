"""What is known and what is missing, by class, by region, and in how documents were found."""
