"""The documents in the site's look: guides, the reference of REST, and what was announced about plain HTTP."""
