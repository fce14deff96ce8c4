"""What the collector can see and what it cannot, found by asking AWS and the database."""
