"""The XML form (OIOXML): safe reading, writing, and places in the source."""
