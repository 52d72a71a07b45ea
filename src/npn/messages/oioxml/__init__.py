"""The XML form (OIOXML): safe reading, writing, and positions in the source."""
