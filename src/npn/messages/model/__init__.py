"""What every floor above shares: elements and segments, interchanges, places, findings, notes and identifiers."""
