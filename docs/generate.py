"""Writes again the pages of `docs/` that come from the release and the shapes: `make docs`."""

from __future__ import annotations

import questions

from kb import files, release
from kb.validation.rules import rules, table

if __name__ == "__main__":
    questions.PAGE.write_text(questions.page(release.build().engine), encoding="utf-8")
    (files.root() / "docs" / "rules.md").write_text(table(rules()), encoding="utf-8")
