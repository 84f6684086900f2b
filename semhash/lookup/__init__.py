"""Finding documents by address: what every lookup gives and can do, the order of flips, and a plain scan.

The two that are built once and kept are `semhash.hamming_table` and `semhash.binary_index`.
"""
