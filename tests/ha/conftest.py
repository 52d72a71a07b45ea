"""The failover suite's own modules, and the scenarios' servers, are found on the path."""

import sys
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parent))
sys.path.insert(0, str(Path(__file__).parent.parent / "scenarios"))
