"""A small shop of chained functions: customer code that hardly knows chainlight."""
