"""Pages in a real browser: nothing overflows a phone, nothing is refused, contrast is readable."""

from __future__ import annotations

import pytest

pytestmark = pytest.mark.full

webdriver = pytest.importorskip("selenium.webdriver", reason="install selenium")
PAGES = ("", "innovations", "needs", "postures", "territories", "questions", "sparql",
         "doc/id/innovation/tzcld-pipriac", "doc/id/innovation/riace-accoglienza",
         "doc/scheme/need/emploi", "doc/id/territory/region-53", "doc/id/authority/ville-de-rennes",
         "doc/id/policy/fr-loi-2020-1577", "questions/01-postures-by-need",
         "check", "endings", "frame", "agreement", "codebook", "right-of-reply", "tables",
         "cite")  # fmt: skip
CONTRAST = """
const channel = v => { v /= 255; return v <= .03928 ? v / 12.92 : ((v + .055) / 1.055) ** 2.4 };
const light = c => .2126 * channel(c[0]) + .7152 * channel(c[1]) + .0722 * channel(c[2]);
const read = text => (text.match(/[\\d.]+/g) || []).map(Number);
const paper = node => {
  for (; node; node = node.parentElement) {
    const c = read(getComputedStyle(node).backgroundColor);
    if (c.length === 3 || c[3] > .99) return c;
  }
  return [255, 255, 255];
};
const poor = [];
for (const node of document.querySelectorAll("body *")) {
  const own = [...node.childNodes].some(n => n.nodeType === 3 && n.textContent.trim());
  if (!own || !node.getClientRects().length) continue;
  const a = light(read(getComputedStyle(node).color)), b = light(paper(node));
  const ratio = (Math.max(a, b) + .05) / (Math.min(a, b) + .05);
  if (ratio < 4.5) poor.push(node.tagName + " " + node.className + " " + ratio.toFixed(2));
}
return [...new Set(poor)];
"""


def shown(browser: webdriver.Chrome, url: str, width: int, scheme: str = "light") -> None:
    size = {"width": width, "height": 900, "deviceScaleFactor": 1, "mobile": width < 600}
    browser.execute_cdp_cmd("Emulation.setDeviceMetricsOverride", size)
    media = {"features": [{"name": "prefers-color-scheme", "value": scheme}]}
    browser.execute_cdp_cmd("Emulation.setEmulatedMedia", media)
    browser.get(url)


@pytest.mark.parametrize("width", [360, 1280])
@pytest.mark.parametrize("path", PAGES)
def test_nothing_overflows(browser: webdriver.Chrome, address: str, path: str, width: int) -> None:
    shown(browser, address + path, width)
    wide = browser.execute_script("return document.documentElement.scrollWidth")
    assert wide <= width, f"/{path} is {wide} pixels wide on a screen of {width}"


@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("path", PAGES)
def test_text_is_readable(browser: webdriver.Chrome, address: str, path: str, scheme: str) -> None:
    shown(browser, address + path, 1280, scheme)
    assert browser.execute_script(CONTRAST) == []


@pytest.mark.parametrize("path", PAGES)
def test_nothing_is_refused_by_the_browser(
    browser: webdriver.Chrome, address: str, path: str
) -> None:
    browser.get_log("browser")
    shown(browser, address + path, 1280)
    assert browser.get_log("browser") == []
    hosts = "return performance.getEntriesByType('resource').map(e => new URL(e.name).host)"
    assert set(browser.execute_script(hosts)) <= {address.split("/")[2]}
