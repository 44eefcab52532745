"""The W3C's suites for SPARQL queries: read, run, judged; what is known to fail, and why."""
