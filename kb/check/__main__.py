"""`python -m kb.check`: the check without the other commands, which start more slowly."""

from kb.check.cli import check_command

check_command(prog_name="essaim check")
