"""The REST service: thin handlers over the registry."""
