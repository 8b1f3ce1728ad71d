"""Who did what, when; commands already answered."""
