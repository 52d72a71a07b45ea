"""Work on messages for others, in processes apart: a bounded queue, limits of time and memory, rates for callers."""
