"""Semantic hashing for documents."""
