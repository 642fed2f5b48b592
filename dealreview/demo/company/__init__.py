"""The demo company as it is meant to be: tables of who, what, and what a review should find there.

Everything here is invented. Sums are in thousands of the deal's currency unless said otherwise, shares
are of one, days are counted back from the day of the review.
"""
