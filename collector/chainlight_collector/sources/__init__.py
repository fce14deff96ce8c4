"""Sources: each module reads one thing from AWS and commits rows and checkpoint together."""
