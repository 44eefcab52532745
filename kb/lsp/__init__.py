"""The check while typing: a server of the Language Server Protocol 3.17 for Turtle and TriG.

Findings and repairs are those of `essaim check`, made in a child process, so that no text can stop
or kill the server. Terms, concepts and records are completed and explained in French or English.
It reads the open text and the knowledge base, and fetches nothing.
"""
