"""Conversations that are written down as they go, and taken up again where they stopped."""
