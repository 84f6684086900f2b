"""From what a person asks to what is shown: the question encoded, filters, rows made hits with their passages."""
