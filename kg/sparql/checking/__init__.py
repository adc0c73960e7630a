"""What must be known of a query before an engine sees it: what it asks for, and whether it may."""
