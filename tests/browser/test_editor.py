"""The editor of /sparql in a real browser: it completes, asks, draws, and needs no other host."""

from __future__ import annotations

import csv
import io
import shutil
import subprocess
import sys
import time
from urllib.parse import urlencode
from urllib.request import urlopen

import pytest

pytestmark = pytest.mark.full

webdriver = pytest.importorskip("selenium.webdriver", reason="install selenium")
PREFIXES = """PREFIX essaim: <https://w3id.org/essaim/ns#>
PREFIX geo: <http://www.w3.org/2003/01/geo/wgs84_pos#>
PREFIX rdfs: <http://www.w3.org/2000/01/rdf-schema#>
"""
PLACES = (
    PREFIXES
    + """SELECT ?place ?name (COUNT(?innovation) AS ?count) ?lat ?long WHERE {
  ?innovation essaim:implementedIn ?place .
  ?place geo:lat ?lat ; geo:long ?long ; rdfs:label ?name FILTER(LANG(?name) = "fr")
} GROUP BY ?place ?name ?lat ?long ORDER BY DESC(?count) LIMIT 30"""
)
QUOTED = 'SELECT ("it\'s \\"so\\"" AS ?said) (1 AS ?one) WHERE {}'
SCREEN = {"width": 1280, "height": 1400, "deviceScaleFactor": 1, "mobile": False}
EDITOR = "document.querySelector('.CodeMirror').CodeMirror"
OVERFLOW = "return document.documentElement.scrollWidth"
NAMELESS = """
const name = node => (node.getAttribute("aria-label") || node.title || node.textContent
  || (node.labels && [...node.labels].map(one => one.textContent).join(""))).trim();
return [...document.querySelectorAll("main button, main a, main input, main select, main textarea")]
  .filter(node => node.getClientRects().length && node.type !== "hidden" && !name(node))
  .map(node => node.outerHTML.slice(0, 120));
"""


class Page:
    """One page of the editor, driven as a person would."""

    def __init__(self, driver: webdriver.Chrome, address: str) -> None:
        self.driver, self.address = driver, address

    def open(self, query: str = "", language: str = "en", **screen: object) -> None:
        size = {**SCREEN, **screen}
        self.driver.execute_cdp_cmd("Emulation.setDeviceMetricsOverride", size)
        self.driver.get_log("browser")
        values = {"lang": language, **({"query": query} if query else {})}
        self.driver.get(f"{self.address}sparql?{urlencode(values)}")
        self.until("document.documentElement.classList.contains('has-editor')")
        done = "performance.getEntriesByType('resource').some(e => /completions/.test(e.name))"
        self.until(done)
        if query:
            self.until("document.querySelector('#yasr .yasr_results').children.length")

    def run(self, script: str) -> object:
        return self.driver.execute_script(script)

    def until(self, condition: str, seconds: float = 15) -> None:
        end = time.monotonic() + seconds
        while not self.run("return Boolean(" + condition + ")"):
            assert time.monotonic() < end, f"never true: {condition}; log: {self.log()}"
            time.sleep(0.1)

    def texts(self, selector: str) -> list[str]:
        script = "return [...document.querySelectorAll(arguments[0])].map(node => node.textContent)"
        found: list[str] = self.driver.execute_script(script, selector)
        return found

    def click(self, selector: str) -> None:
        self.driver.execute_script("document.querySelector(arguments[0]).click()", selector)

    def type(self, text: str) -> None:
        keys = webdriver.ActionChains(self.driver)
        keys.send_keys(text).perform()

    def log(self) -> list[object]:
        return self.driver.get_log("browser")


@pytest.fixture
def page(browser: webdriver.Chrome, address: str) -> Page:
    return Page(browser, address)


@pytest.mark.parametrize("language", ["fr", "en"])
def test_no_other_host_is_asked_and_nothing_refused(page: Page, language: str) -> None:
    page.open(PLACES, language)
    for view in ("map", "chart", "response", "table"):
        page.click(".select_" + view)
        page.until(f"document.querySelector('.select_{view}[aria-pressed=true]')")
    hosts = "return performance.getEntriesByType('resource').map(e => new URL(e.name).host)"
    assert set(page.run(hosts)) == {page.address.split("/")[2]}
    assert page.log() == []
    said = {
        "fr": ["Tableau", "Carte", "Graphique", "Texte"],
        "en": ["Table", "Map", "Chart", "Text"],
    }
    assert page.texts(".yasr_btnGroup li:not([hidden])") == said[language]


@pytest.mark.parametrize(
    ("language", "typed"),
    [("fr", "besoin"), ("en", "need"), ("fr", "need"), ("en", "essaim:addr"), ("fr", "répond")],
)
def test_typing_a_word_offers_the_term(page: Page, language: str, typed: str) -> None:
    page.open("", language)
    time.sleep(0.3)
    page.run(f"{EDITOR}.setValue('SELECT * WHERE {{ ?s '); {EDITOR}.focus(); "
             f"{EDITOR}.setCursor({{line: 0, ch: 99}})")  # fmt: skip
    page.type(typed)
    page.until("document.querySelector('.CodeMirror-hint')")
    names = page.texts(".hint-name")
    assert "essaim:addressesNeed" in names, names
    page.run(f"const all = [...document.querySelectorAll('.CodeMirror-hint')];"
             f"all[{names.index('essaim:addressesNeed')}].click()")  # fmt: skip
    value = str(page.run(f"return {EDITOR}.getValue()"))
    assert value.startswith("PREFIX essaim: <https://w3id.org/essaim/ns#>\n")
    assert value.endswith("?s essaim:addressesNeed")


def test_variables_are_offered(page: Page) -> None:
    page.open()
    page.run(f"{EDITOR}.setValue('SELECT * WHERE {{ ?innovation a '); {EDITOR}.focus(); "
             f"{EDITOR}.setCursor({{line: 0, ch: 99}})")  # fmt: skip
    page.type("?inn")
    page.until("document.querySelector('.CodeMirror-hint')")
    assert page.texts(".CodeMirror-hint") == ["?innovation"]


def test_an_example_runs_at_one_click(page: Page) -> None:
    page.open()
    page.click("#questions-here li:nth-child(9) a")
    page.until("document.querySelectorAll('.rows tbody tr').length > 10")
    assert "SELECT ?levelLabel" in str(page.run("return document.querySelector('#query').value"))
    assert "query=" in page.driver.current_url
    assert page.texts("#caveat:not([hidden])"), "the caveat of the question must be read with it"


def test_rows_are_sorted_and_filtered(page: Page) -> None:
    page.open(PLACES)
    assert len(page.texts(".rows tbody tr")) == 30
    counts = [int(text) for text in page.texts(".rows td[data-heading=count]")]
    page.click("th[data-name=count] button")
    assert [int(text) for text in page.texts(".rows td[data-heading=count]")] == sorted(counts)
    page.run("const f = document.querySelector('.row-filter'); f.value = 'RENNES';"
             "f.dispatchEvent(new Event('input'))")  # fmt: skip
    assert page.texts(".rows td[data-heading=name]") == ["Rennes"]


def test_coordinates_make_a_map(page: Page) -> None:
    page.open(PLACES)
    page.click(".select_map")
    page.until("document.querySelector('.map-land')?.getAttribute('d')?.length > 1e5")
    assert len(page.texts(".map-points circle")) == 30
    assert any(text.startswith("Rennes · ") for text in page.texts(".map-points title"))
    inside = """const box = document.querySelector('.map').getBoundingClientRect();
      return [...document.querySelectorAll('.map-points circle')].every(dot => {
        const spot = dot.getBoundingClientRect();
        return spot.left >= box.left && spot.right <= box.right && spot.top >= box.top
          && spot.bottom <= box.bottom; })"""
    assert page.run(inside)


def test_points_in_wkt_make_a_map(page: Page) -> None:
    page.open('SELECT ("POINT(-1.68 48.11)"^^<http://www.opengis.net/ont/geosparql#wktLiteral> '
              'AS ?where) ("Rennes" AS ?name) WHERE {}')  # fmt: skip
    page.click(".select_map")
    page.until("document.querySelectorAll('.map-points circle').length === 1")


def test_no_coordinates_offer_no_map(page: Page) -> None:
    page.open("SELECT ?s ?p WHERE { ?s ?p ?o } LIMIT 5")
    assert page.texts(".yasr_btnGroup li:not([hidden])") == ["Table", "Text"]


def test_numbers_make_a_chart_that_is_a_table(page: Page) -> None:
    page.open(PLACES)
    page.click(".select_chart")
    page.until("document.querySelectorAll('.bar-chart tbody tr').length === 30")
    first = page.texts(".rows, .bar-chart tbody tr:first-child > *")
    assert first[0]
    assert int(first[2]) > 1
    assert page.texts(".bar-chart caption") == ["count, by name"]


def test_downloads_are_those_of_the_query(page: Page) -> None:
    page.open(PLACES)
    links = page.run("return [...document.querySelectorAll('#downloads a')].map(a => a.href)")
    assert [link.rpartition("=")[2] for link in links] == ["csv", "tsv", "json", "xml"]
    with urlopen(links[0]) as answer:
        rows = list(csv.reader(io.TextIOWrapper(answer, encoding="utf-8")))
    assert rows[0] == ["place", "name", "count", "lat", "long"]
    assert len(rows) == 31


def test_a_graph_is_shown_and_downloaded_as_one(page: Page) -> None:
    page.open("CONSTRUCT { ?s a ?c } WHERE { ?s a ?c } LIMIT 5")
    assert len(page.texts(".rows tbody tr")) == 5
    assert page.texts("#downloads a") == ["Turtle", "N-Triples", "JSON-LD", "RDF/XML"]


@pytest.mark.parametrize(("query", "said"), [("ASK {}", "Yes"), ("ASK { FILTER(false) }", "No")])
def test_yes_or_no_is_said_in_words(page: Page, query: str, said: str) -> None:
    page.open(query)
    page.until("document.querySelector('.said')")
    assert page.texts(".said") == [said]


@pytest.mark.parametrize("query", [PLACES, QUOTED], ids=["places", "quoted"])
@pytest.mark.parametrize("name", ["curl", "python", "pandas"])
def test_a_program_runs_as_it_is_copied(page: Page, name: str, query: str) -> None:
    page.open(query)
    (text,) = page.texts(f"#programs-here details[data-name={name}] pre")
    if name == "curl":
        assert shutil.which("curl"), "install curl"
        command = ["bash", "-c", text.replace("curl ", "curl -sS ", 1)]
    else:
        command = [sys.executable, "-c", text]
    done = subprocess.run(command, capture_output=True, text=True, timeout=60, check=False)
    assert done.returncode == 0, done.stderr
    expected = "so" if query == QUOTED else "30 rows" if name == "pandas" else "Rennes"
    assert expected in done.stdout


def test_programs_follow_what_is_typed(page: Page) -> None:
    page.open()
    page.run(f"{EDITOR}.setValue('ASK {{}}')")
    assert all("ASK {}" in text for text in page.texts("#programs-here pre"))


def test_a_mistake_is_shown_at_its_line_and_mended(page: Page) -> None:
    page.open()
    page.run(f"{EDITOR}.setValue('SELECT ?s WHERE {{\\n  ?s a essaim:SocialInnovation }} LIMIT 3')")
    page.click("#run")
    page.until("document.querySelector('.problem-box')")
    assert "2" in page.texts(".problem-box .quiet")[0]
    assert len(page.texts(".problem-line")) == 1
    page.click(".problem-box .suggestions button")
    page.click("#run")
    page.until("document.querySelectorAll('.rows tbody tr').length === 3")
    assert page.texts(".problem-box") == []


def test_no_row_can_be_explained(page: Page) -> None:
    page.open()
    page.run(f"{EDITOR}.setValue('SELECT ?s WHERE {{ ?s a <http://example.org/None> }}')")
    page.click("#run")
    page.until("!document.querySelector('#none').hidden")
    page.click("#why")
    page.until("document.querySelector('.problem-box')")


@pytest.mark.parametrize("view", ["table", "map", "chart", "response"])
def test_an_answer_fits_a_phone(page: Page, view: str) -> None:
    page.open(PLACES, width=360, height=800, mobile=True)
    page.click(".select_" + view)
    page.until(f"document.querySelector('.select_{view}[aria-pressed=true]')")
    assert page.run(OVERFLOW) <= 360


@pytest.mark.parametrize("view", ["table", "map", "chart"])
def test_everything_that_can_be_used_has_a_name(page: Page, view: str) -> None:
    page.open(PLACES)
    page.click(".select_" + view)
    page.until(f"document.querySelector('.select_{view}[aria-pressed=true]')")
    assert page.run(NAMELESS) == []


def test_the_keyboard_is_never_caught(page: Page) -> None:
    page.open(PLACES)
    keys = webdriver.Keys
    page.run("document.querySelector('#ask').scrollIntoView(); " + EDITOR + ".focus()")
    page.type(keys.TAB)
    assert page.run("return document.activeElement.id") == "run"
    for held, pressed in ((keys.SHIFT, keys.TAB), (keys.CONTROL, keys.ENTER)):
        page.run("document.querySelector('#summary').textContent = ''")
        chain = webdriver.ActionChains(page.driver)
        chain.key_down(held).send_keys(pressed).key_up(held).perform()
    page.until("document.querySelector('#summary').textContent")


def test_the_page_works_without_a_script(page: Page) -> None:
    page.driver.execute_cdp_cmd("Emulation.setScriptExecutionDisabled", {"value": True})
    try:
        page.driver.get(f"{page.address}sparql?{urlencode({'query': PLACES, 'lang': 'en'})}")
        find = page.driver.find_elements
        assert len(find("css selector", "#served tbody tr")) == 30
        area = find("css selector", "textarea#query")[0]
        assert area.is_displayed()
        area.clear()
        area.send_keys("ASK {}")
        find("css selector", "#run")[0].click()
        end = time.monotonic() + 10
        while not find("css selector", "#served td[data-heading=answer]"):
            assert time.monotonic() < end, page.driver.current_url
        assert not any(node.is_displayed() for node in find("css selector", ".script-only"))
    finally:
        page.driver.execute_cdp_cmd("Emulation.setScriptExecutionDisabled", {"value": False})
