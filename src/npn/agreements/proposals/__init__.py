"""Changes of an agreement: put forward, commented on section by section, weighed per vendor, decided, published."""
