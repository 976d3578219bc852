"""The outside world: one file per system. Foreign field names and faults end here."""
