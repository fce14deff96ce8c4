"""The collector: sources become rows, rows become links, links become views."""
