"""Courses that end in a shop that sells."""
