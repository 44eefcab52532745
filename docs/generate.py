"""Writes again the pages of `docs/` that come from the release and the shapes: `make docs`."""

from __future__ import annotations

import os
import sys

import checks
import mistakes
import questions
import settings

from kb import files, release
from kb.check import codes
from kb.validation.rules import rules, table

if __name__ == "__main__":
    served = release.build()
    questions.PAGE.write_text(questions.page(served.engine), encoding="utf-8")
    mistakes.PAGE.write_text(mistakes.page(), encoding="utf-8")
    settings.PAGE.write_text(settings.page(), encoding="utf-8")
    checks.PAGE.write_text(checks.page(), encoding="utf-8")
    checks.EXAMPLES.write_text(checks.examples(), encoding="utf-8")
    (files.root() / "docs" / "codes.md").write_text(codes.table(), encoding="utf-8")
    (files.root() / "docs" / "rules.md").write_text(table(rules()), encoding="utf-8")
    if "ESSAIM_SUITES" in os.environ:  # the score of the W3C's suites needs the suites
        sys.path.insert(0, str(files.root() / "tests"))
        from w3c import conformance, protocol, shacl_score

        page = conformance.page(protocol.client(served))
        (files.root() / "docs" / "sparql-conformance.md").write_text(page, encoding="utf-8")
        scores = files.root() / "docs" / "validation-conformance.md"
        scores.write_text(shacl_score.page(), encoding="utf-8")
