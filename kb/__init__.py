"""essaim: a semantic knowledge base of territorial social innovation, as linked data.

This package is the library; it knows nothing of HTTP pages. The layers, lowest first:

    files, terms          where shipped files are, how things are named
    turtle, sources       Turtle files read and written, one named graph per file
    engine, queries       SPARQL answered, `.rq` files read and bound
    search, describe      the side index, one resource as a graph
    catalog, release      the data set described, built, opened, swapped
    importers             lists of others turned into record files
    cli                   the command, without the web server
"""
