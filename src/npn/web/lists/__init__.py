"""Lists: declared columns, of which a page is sorted, filtered and cut, and a file is written."""
