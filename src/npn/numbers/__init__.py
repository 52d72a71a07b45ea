"""Pure arithmetic of sample numbers: schemes, checks, series, suggestions. Standard library only."""
