"""An index that lives: brought up to date with its corpus, added to, taken from."""
