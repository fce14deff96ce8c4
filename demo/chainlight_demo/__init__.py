"""The demo: a local AWS and a sample shop on one laptop. Never deployed."""
