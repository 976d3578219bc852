"""What the doors share of HTTP."""
