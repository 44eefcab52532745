"""Files of contributors checked: what is wrong, where it stands, and what to write instead.

    inputs       paths, folders, patterns and the standard input as files to check
    octets       bytes as text: encoding, byte order mark, size
    base         what the knowledge base already holds, looked up by address, name or number
    vocabulary, constraints, links, duplicates    the stages, each giving findings
    pipeline     the stages in their order; one that fails does not silence the next
    locate       where in the text the statement of a finding stands
    fixes, apply repairs as edits of the text, and how they are made
    words        the sentences of findings, in French and English
    report       findings as text, JSON, SARIF, SHACL report and other formats
    apart        all this in a child process with limits, for files of strangers

`check` is the whole in one call; `essaim check` is the command.
"""

from __future__ import annotations

from kb.check.finding import Finding, Report
from kb.check.pipeline import Options, check

__all__ = ["Finding", "Options", "Report", "check"]
