"""Links reviewed in a real browser by keys: accepted, rejected, skipped, undone."""

from __future__ import annotations

import os
import threading
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from kb import sssom
from kb.linking.desk import Desk, Server
from kb.sssom import Link, MappingSet

pytestmark = pytest.mark.full

ABOUT = {"mapping_set_id": "https://e.org/ours-x", "curie_map": {"list": "https://e.org/l/"}}
NAMES = (("Relais nord", "Le Relais"), ("M.J.C. Aragon", "MJC Louis-Aragon"), ("Il Filo", "Filo"))
OTHER = '{"line": 7, "rivals": [{"id": "list:r", "label": "Relais sud", "score": 0.41}]}'
LINKS = tuple(
    Link(f"list:{n}", one, "skos:exactMatch", f"list:t{n}", two, confidence="0.5",
         comment="ratio 0.78, token set 0.91", other=OTHER)
    for n, (one, two) in enumerate(NAMES)
)  # fmt: skip


def until(met: Callable[[], bool]) -> None:
    end = time.monotonic() + 20
    while not met():
        assert time.monotonic() < end, "it never came about"
        time.sleep(0.05)


def test_a_list_is_reviewed_by_keys(browser: Any, tmp_path: Path) -> None:
    server = Server(Desk(MappingSet(ABOUT, LINKS), "orcid:1", tmp_path))
    threading.Thread(target=server.serve_forever, daemon=True).start()
    path = tmp_path / "ours-x.sssom.tsv"

    def press(key: str) -> None:
        browser.find_element("tag name", "body").send_keys(key)

    def states() -> list[str]:
        kept = sssom.read(path).mappings if path.is_file() else ()
        return [f"{each.subject_id} {each.essaim_state}" for each in kept]

    def shows(text: str) -> None:
        until(lambda: text in browser.page_source)

    browser.get(server.address + "?lang=fr")
    assert browser.find_elements("css selector", "mark")
    if folder := os.environ.get("ESSAIM_SCREENS"):
        browser.save_screenshot(str(Path(folder) / "review.png"))
    press("a")
    until(lambda: states() == ["list:0 accepted"])
    shows("2 à relire")
    press("s")
    until(lambda: "at=1" in browser.current_url)
    press("r")
    until(lambda: states() == ["list:0 accepted", "list:2 rejected"])
    shows("1 à relire")
    press("u")
    until(lambda: states() == ["list:0 accepted"])
    server.shutdown()
    server.server_close()
