"""Who may what: organisers, users, roles, sign-in, persons, organisations."""
