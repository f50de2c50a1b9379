"""A product as its page shows it."""
