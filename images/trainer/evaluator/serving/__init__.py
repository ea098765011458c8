"""How fast a server answers, what it takes, and what a query costs.

These are measurements of a machine at a moment: a report with them is no longer the same for the same inputs.
"""
