"""The page that checks a file in a real browser: findings, jumps, repairs, no other host."""

from __future__ import annotations

import json
import os
import time
from pathlib import Path

import pytest

from kb import files

pytestmark = pytest.mark.full

webdriver = pytest.importorskip("selenium.webdriver", reason="install selenium")
RECORD = (files.root() / "shapes/examples/valid/innovation.ttl").read_text(encoding="utf-8")
FAULTY = "# 𝔸 é\n" + RECORD.replace(" .\n", "\n", 1).replace("need:", "neeed:", 1)
SELECTED = """const t = document.getElementById("text");
return [t.value.slice(t.selectionStart, t.selectionEnd), document.activeElement.id];"""


def click(browser: webdriver.Chrome, selector: str) -> None:
    browser.execute_script(f"document.querySelector(`{selector}`).click()")


def until(browser: webdriver.Chrome, condition: str, seconds: float = 40) -> None:
    end = time.monotonic() + seconds
    while not browser.execute_script(f"return Boolean({condition})"):
        assert time.monotonic() < end, f"never true: {condition}\n{browser.page_source[:4000]}"
        time.sleep(0.1)


def checked(browser: webdriver.Chrome, address: str, text: str) -> None:
    browser.get_log("browser")
    browser.get(address + "check?lang=fr")
    browser.execute_script("document.getElementById('text').value = arguments[0]", text)
    click(browser, "#run")
    until(browser, "document.querySelector('.checked')")


def seen(browser: webdriver.Chrome, name: str, width: int = 1280) -> None:
    """Keep a picture for whoever wants to look, where a folder is named for it."""
    if folder := os.environ.get("ESSAIM_SCREENS"):
        size = {"width": width, "height": 1500, "deviceScaleFactor": 1, "mobile": width < 600}
        browser.execute_cdp_cmd("Emulation.setDeviceMetricsOverride", size)
        browser.save_screenshot(str(Path(folder) / f"{name}.png"))


def test_a_mistake_is_jumped_to_and_repaired(browser: webdriver.Chrome, address: str) -> None:
    checked(browser, address, FAULTY)
    seen(browser, "check-wide")
    seen(browser, "check-phone", 360)
    assert browser.execute_script("return location.pathname + location.search") == "/check?lang=fr"
    click(browser, "a.jump")
    selected, focused = browser.execute_script(SELECTED)
    assert (focused, len(selected) > 0) == ("text", True)
    first = "document.querySelector('button[name=make]').value"
    before = browser.execute_script(f"return {first}")
    click(browser, "button[name=make]")
    until(browser, f"!document.querySelector('button[name=make]') || {first} !== `{before}`")
    value = browser.execute_script("return document.getElementById('text').value")
    assert value.splitlines()[1] == RECORD.splitlines()[0]
    assert browser.get_log("browser") == []


def test_the_place_counts_characters_as_the_server_does(
    browser: webdriver.Chrome, address: str
) -> None:
    text = "# 𝔸𝔸𝔸\n<http://example.org/a> a nowhere:Thing .\n"
    checked(browser, address, text)
    click(browser, "a.jump")
    assert browser.execute_script(SELECTED)[0].startswith("nowhere:")


def test_all_safe_repairs_are_made_at_once(browser: webdriver.Chrome, address: str) -> None:
    checked(browser, address, FAULTY)
    click(browser, "button[name=fix]")
    until(browser, "document.getElementById('text').value.split('\\n')[1].endsWith('.')")


def test_a_dropped_file_is_checked(browser: webdriver.Chrome, address: str) -> None:
    browser.get(address + "check?lang=en")
    browser.execute_script(
        """const carried = new DataTransfer();
        carried.items.add(new File([arguments[0]], "x.ttl"));
        document.getElementById("text").dispatchEvent(
          new DragEvent("drop", { dataTransfer: carried, cancelable: true, bubbles: true }));""",
        FAULTY,
    )
    until(browser, "document.querySelector('.checked')")
    assert browser.execute_script("return document.getElementById('text').value") == FAULTY


SHEET = files.root() / "tests" / "check" / "sheets" / "mistakes.xlsx"


def test_a_workbook_is_shown_and_repaired_cell_by_cell(
    browser: webdriver.Chrome, address: str
) -> None:
    browser.get_log("browser")
    browser.get(address + "check?lang=fr")
    browser.find_element("id", "file").send_keys(str(SHEET))
    until(browser, "document.querySelector('.checked')")
    seen(browser, "check-workbook")
    assert "cellule Fiches!C3" in browser.page_source
    assert browser.execute_script("return document.getElementById('as').value") == "csv"
    click(browser, "#run")
    until(browser, "document.querySelector('button[name=make]')")
    seen(browser, "check-workbook-lines")
    before = browser.execute_script("return document.getElementById('text').value")
    click(browser, "button[name=make]")
    until(browser, f"document.getElementById('text').value !== {json.dumps(before)}")
    assert browser.get_log("browser") == []


@pytest.mark.parametrize("path", ["doc/codes", "doc/rules", "doc/codes/S010",
                                  "doc/rules/need-concept-scheme"])  # fmt: skip
@pytest.mark.parametrize("width", [360, 1280])
def test_a_page_of_rules_fits_its_screen(
    browser: webdriver.Chrome, address: str, path: str, width: int
) -> None:
    browser.get(address + path + "?lang=fr")
    seen(browser, path.replace("/", "-") + f"-{width}", width)
    size = {"width": width, "height": 900, "deviceScaleFactor": 1, "mobile": width < 600}
    browser.execute_cdp_cmd("Emulation.setDeviceMetricsOverride", size)
    assert browser.execute_script("return document.documentElement.scrollWidth") <= width
