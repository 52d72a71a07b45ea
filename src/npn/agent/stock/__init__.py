"""The pool at the laboratory: its file, its lock, its mark, and what is written beside the stock."""
