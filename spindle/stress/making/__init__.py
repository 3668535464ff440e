"""Answers made from types: for every event class, events that its fields allow."""
