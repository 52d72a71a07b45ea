"""Benchmarks: `python -m bench [name...]`. Each module's `run()` measures ratios side by side in one run."""
