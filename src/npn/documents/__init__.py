"""The documents that the site shows: read from Markdown, rendered when first asked for, searched."""
