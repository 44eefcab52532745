"""Kept queries: a question, the release it was asked of, and its answer, under one address.

answers    an answer in one canonical form, its checksum, two answers compared
shelf      where they are kept: SQLite, written once, never changed
citing     how to cite one: a sentence, BibTeX, CSL-JSON
"""
