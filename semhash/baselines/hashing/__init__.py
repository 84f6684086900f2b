"""Hashing: methods that give documents codes of some bits, which are ranked by Hamming distance.

One module an algorithm: `lsh`, `spectral_hashing`, `self_taught`, `quantisation`, `binary_reconstruction` and
`minimal_loss`. They share `points`, the database's TF-IDF vectors and the sample of them that is learned from,
`components`, its principal components, and `hashed`, the database as codes. All but one end in hash functions
that are half-spaces: those of spectral hashing are stripes.
"""
