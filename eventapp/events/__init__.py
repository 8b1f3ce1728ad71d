"""Series, editions, events, venues, spaces, gates; the published state; the lock."""
