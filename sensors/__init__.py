"""Wiring: sensors and schedules. They translate a plan into run requests and hold no store."""
