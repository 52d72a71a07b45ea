"""Number spaces and series: draw, release, look up, import."""
