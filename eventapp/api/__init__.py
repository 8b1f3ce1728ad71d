"""/api/v1 for programs and phones."""
