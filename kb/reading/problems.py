"""What can be wrong with the letters of a file: stable codes, each with its message and values.

The words are in `messages/{en,fr}.json` under the code. A warning does not stop the file from
being read as it was meant; everything else makes it invalid.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from kb.reading.places import Fix, Place

CODES = {
    # the bytes
    "S001": "not UTF-8",
    "S002": "encoded in UTF-8 twice",
    "S003": "byte order mark",
    "S004": "character that cannot be seen",
    "S005": "larger than what is read",
    "S006": "no text at all",
    # the signs between terms
    "S010": "dot missing",
    "S011": "semicolon or comma where a dot is due",
    "S012": "semicolon missing",
    "S013": "comma missing",
    "S014": "comma where a semicolon is due",
    "S015": "semicolon where a comma is due",
    "S016": "dot where a semicolon is due",
    "S017": "bracket not closed",
    "S018": "closing bracket too many",
    "S019": "comma between the members of a list",
    # terms missing or in the wrong place
    "S020": "object missing",
    "S021": "predicate missing",
    "S022": "word a missing",
    "S023": "literal as subject",
    "S024": "literal as predicate",
    "S025": "blank node as predicate",
    "S026": "word a out of place",
    "S027": "sign that nothing explains",
    "S028": "word without prefix",
    "S029": "sign too many",
    # prefixes
    "S030": "prefix not declared",
    "S031": "prefix line without its dot",
    "S032": "PREFIX line with a dot",
    "S033": "prefix line malformed",
    # IRIs and names
    "S040": "character that an IRI cannot have",
    "S041": "IRI not closed",
    "S042": "IRI not well formed",
    "S043": "relative IRI without a base",
    "S044": "address without angle brackets",
    "S045": "character that a name cannot have",
    # literals
    "S050": "quote not closed",
    "S051": "quote inside a string",
    "S052": "line break inside a string",
    "S053": "typographic quotes",
    "S054": "escape that does not exist",
    "S055": "language tag malformed",
    "S056": "sign of a language tag missing",
    "S057": "datatype malformed",
    "S058": "word without quotes",
    "S059": "boolean not in lower case",
    "S060": "decimal comma",
    "S061": "number in groups of digits",
    "S062": "date without quotes",
    "S063": "number malformed",
    # limits and other formats
    "S070": "nested too deep",
    "S071": "literal too long",
    "S072": "RDF 1.2",
    "S073": "not in this format",
    "S074": "too many problems",
}
WARNINGS = frozenset(("S002", "S003", "S060"))


@dataclass(frozen=True, slots=True)
class SyntaxProblem:
    """One mistake: its code, where it is, the values of its message, how it can be repaired."""

    code: str
    place: Place
    values: Mapping[str, str] = field(default_factory=dict, hash=False)
    fixes: tuple[Fix, ...] = ()

    @property
    def is_warning(self) -> bool:
        """Tell whether the file is valid all the same, or would be once decoded."""
        return self.code in WARNINGS
