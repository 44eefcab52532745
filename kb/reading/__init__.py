"""Turtle, TriG, N-Triples and N-Quads (RDF 1.1) with the place of every term and every mistake.

pyoxigraph says whether a file is valid; this reader says where each term stands, reads on after a
mistake, and proposes what to write instead. It knows nothing of the project's own rules.
"""
