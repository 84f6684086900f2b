"""The library as a scikit-learn estimator."""

from semhash.estimator.hasher import SemanticHasher

__all__ = ["SemanticHasher"]
