"""Pages that hold all they need: blocks of text, tables and plots, described once and drawn by plotly.

Plots are drawn by matplotlib, too, where `semhash.evaluation.report` writes Markdown.
"""
