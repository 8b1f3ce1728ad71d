"""Devices, scans, passages, occupancy."""
