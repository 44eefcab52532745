"""Records judged by the shapes: which rules there are, what a record breaks, what to write instead.

    rules     the rules of `shapes/`, and their table for readers
    graph     record files, vocabularies and neighbours put together as the graph to judge
    findings  that graph judged by the shapes

SHACL (https://www.w3.org/TR/shacl/) runs without inference: an inferred type would make every
misspelt concept a concept. Nothing here reads the store, which rewrites literals.
"""
