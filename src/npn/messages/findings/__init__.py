"""Findings at their places: where an element or segment stands, and what structure and rules say of it there."""
