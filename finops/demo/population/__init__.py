"""The resources of the made-up estate: what runs where since when, in the words of AWS's own answers.

Everything follows from the estate's seed and the calendar day. A resource exists only where the bill has cost of its
service; free things, and the few whose service the bill does not list, exist wherever an account is in use.
"""
