"""What was learned from a corpus: the model as one thing, and how unlike it a text, or what came later, is."""
