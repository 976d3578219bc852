"""The outside systems played by one small service with invented people. Nothing here is real."""
