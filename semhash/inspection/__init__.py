"""What an index consists of, and whether it is whole."""
