"""The processes that a supervisor starts, as it sees them."""
