"""Contracts: how they are declared, checked and described."""
