"""Regions: their IT units, and who answers the users of each connected system."""
