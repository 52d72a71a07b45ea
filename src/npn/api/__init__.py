"""REST, version 1: thin handlers over the service."""
