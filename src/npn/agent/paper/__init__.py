"""Numbers on paper: which number was printed in which job, where the paper lies, and what became of it."""
