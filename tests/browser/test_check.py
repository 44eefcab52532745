"""The page that checks a file in a real browser: findings, jumps, repairs, no other host."""

from __future__ import annotations

import os
import shutil
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from kb import files

pytestmark = pytest.mark.full

webdriver = pytest.importorskip("selenium.webdriver", reason="install selenium")
FLAGS = ("--headless=new", "--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run",
         "--disable-background-networking", "--disable-component-update",
         "--disable-sync")  # fmt: skip
RECORD = (files.root() / "shapes/examples/valid/innovation.ttl").read_text(encoding="utf-8")
FAULTY = "# 𝔸 é\n" + RECORD.replace(" .\n", "\n", 1).replace("need:", "neeed:", 1)
SELECTED = """const t = document.getElementById("text");
return [t.value.slice(t.selectionStart, t.selectionEnd), document.activeElement.id];"""


@pytest.fixture(scope="module")
def browser() -> Iterator[webdriver.Chrome]:
    program = shutil.which("chromium") or shutil.which("chromium-browser")
    driver = shutil.which("chromedriver")
    if not program or not driver:
        pytest.skip("chromium and chromedriver are not installed")
    options = webdriver.ChromeOptions()
    options.binary_location = program
    for flag in FLAGS:
        options.add_argument(flag)
    options.set_capability("goog:loggingPrefs", {"browser": "ALL"})
    opened = webdriver.Chrome(options, webdriver.ChromeService(driver))
    yield opened
    opened.quit()


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
