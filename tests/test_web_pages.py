"""Pages: a query file is a page, both languages read well, every link leads somewhere."""

from __future__ import annotations

import csv
import html
import io
import json
import re
import time
from collections.abc import Iterator

import pytest
from flask.testing import FlaskClient

from kb import files, rows
from kb.queries import Query, registry
from kb.release import Release
from web import pages

PAGES = registry(files.root() / "queries" / "pages")
BASE = "https://w3id.org/essaim/"
THINGS = {
    "actor": "id/actor/atd-quart-monde",
    "authority": "id/authority/ville-de-rennes",
    "concept": "scheme/posture/funder",
    "document": "id/resource/crises-et1602",
    "innovation": "id/innovation/tzcld-pipriac",
    "model": "id/model/territoire-zero-chomeur",
    "need": "scheme/need/emploi",
    "person": "id/person/domenico-lucano",
    "policy": "id/policy/fr-loi-2020-1577",
    "publisher": "id/publisher/corriere-it",
    "reading": "id/reading/tzcld-pipriac-second",
    "resource": "id/innovation/tzcld-pipriac",
    "vocabulary": "scheme/posture",
    "territory": "id/territory/region-53",
    "thing": "id/assessment/tzcld-pipriac-second-stage",
}
LISTS = ("/", "/innovations", "/needs", "/models", "/actors", "/authorities", "/policies",
         "/territories", "/departments", "/documents", "/schemes", "/postures", "/mandates",
         "/questions", "/dataset", "/sparql", "/search?q=emploi", "/doc/ns", "/endings",
         "/outcomes", "/sources", "/codebook", "/frame", "/agreement", "/right-of-reply", "/tables",
         "/cite")  # fmt: skip
RECORDS = (
    *("/doc/" + thing for thing in sorted(set(THINGS.values()))),
    "/doc/id/innovation/riace-accoglienza",
    "/doc/id/innovation/tzcld-colombelles",
    "/doc/id/outcome/riace-accoglienza-1",
    "/doc/id/reading/riace-accoglienza-evidence",
    "/doc/id/territory/country-fr",
    "/doc/id/territory/departement-35",
    "/doc/id/territory/epci-243500139",
    "/doc/scheme/posture/collection/enabling",
    "/doc/graph/contrib/innovations/tzcld-pipriac",
)
SLOWEST_S = 5.0  # of CPU: a plan that begins at the wrong end takes minutes


def values(query: Query) -> dict[str, str]:
    """Values for the parameters a query cannot do without."""
    return {p.name: BASE + THINGS[p.name] for p in query.parameters.values() if not p.optional}


def read(client: FlaskClient, path: str, language: str = "fr", status: int = 200) -> str:
    answer = client.get(path, headers={"Accept": "text/html", "Accept-Language": language})
    assert answer.status_code == status, f"{path}: {answer.get_data(as_text=True)[-800:]}"
    return answer.get_data(as_text=True)


@pytest.mark.parametrize("name", PAGES)
def test_a_query_file_is_a_page_with_twins(client: FlaskClient, name: str) -> None:
    path = "/" + name.replace("_", "/")
    given = {k: v.removeprefix(BASE) for k, v in values(PAGES[name]).items()}
    page = client.get(path, query_string=given, headers={"Accept": "text/html"})
    assert page.status_code == 200, page.get_data(as_text=True)[-500:]
    assert page.get_data(as_text=True).count("<h1>") == 1
    assert "/sparql?query=" in page.get_data(as_text=True), "a page shows its query"
    as_json = client.get(path + ".json", query_string=given)
    as_csv = client.get(path + ".csv", query_string=given)
    table = rows.parse(as_json.data)
    read_back = list(csv.reader(io.StringIO(as_csv.get_data(as_text=True))))
    assert read_back[0] == list(table.variables)
    # SPARQL 1.1 CSV leaves out the `_:` of nothing and the type of everything
    assert sorted(map(tuple, read_back[1:])) == sorted(map(tuple, table.texts()))


@pytest.mark.parametrize("name", PAGES)
def test_a_page_query_is_fast_every_time(shipped: Release, name: str) -> None:
    text = PAGES[name].bound(values(PAGES[name]))
    for _ in range(3):  # the engine may choose another plan each time
        begun = time.process_time()  # CPU: what else the machine does counts for nothing
        rows.select(shipped.engine, text, deadline_s=20)
        assert time.process_time() - begun < SLOWEST_S, f"{name}.rq: begin at the bound end"


@pytest.mark.parametrize("name", PAGES)
def test_a_page_query_says_what_it_asks_in_two_languages(name: str) -> None:
    query = PAGES[name]
    assert query.summary("fr"), f"{name}.rq: write a summary"
    assert isinstance(query.metadata["summary"], dict), f"{name}.rq: fr and en"
    assert bool(query.description("fr")) == bool(query.description("en"))
    if "lang" in query.parameters:
        assert query.parameters["lang"].default == "fr"


def test_no_page_takes_the_route_of_a_part() -> None:
    taken = {"search", "sparql", "doc", "id", "scheme", "graph", "ns", "dump", "dataset",
             "static", "questions", "robots.txt", "frame", "agreement", "right-of-reply", "tables",
             "cite", "q", "healthz", "metrics"}  # fmt: skip
    assert not {name.partition("_")[0] for name in PAGES} & taken


@pytest.mark.parametrize("language", ["fr", "en"])
@pytest.mark.parametrize("path", LISTS + RECORDS)
def test_a_page_reads_well(client: FlaskClient, path: str, language: str) -> None:
    page = read(client, path, language)
    assert len(re.findall(r"<h1\b", page)) == 1
    assert f'<html lang="{language}">' in page
    for landmark in ("<main", "<header", "<footer", "<nav", 'class="skip"'):
        assert landmark in page
    if path != "/sparql":  # the editor; its page works without, as tests/browser shows
        assert "<script" not in page
    assert " style=" not in page, "the content security policy forbids it"
    ids = re.findall(r'\sid="([^"]+)"', page)
    assert len(ids) == len(set(ids)), "an id names one place"
    assert not re.search(r"<h2[^>]*>\s*</h2>", page)
    assert "None" not in re.sub(r"<[^>]+>", "", page)


@pytest.mark.parametrize("path", [p for p in LISTS + RECORDS if p not in ("/sparql", "/doc/ns")])
def test_names_are_shown_never_addresses(client: FlaskClient, path: str) -> None:
    page = read(client, path)
    links = re.findall(r'<a [^>]*href="/doc/[^"]*"[^>]*>(.*?)</a>', page, re.S)
    bare = [text for text in links if "://" in text or re.match(r"[a-z-]+:[a-z0-9-]+$", text)]
    if path != "/doc/graph/contrib/innovations/tzcld-pipriac":
        assert bare == [], f"{path}: give these a label in the data"


def test_a_text_in_another_language_says_so(client: FlaskClient) -> None:
    page = read(client, "/doc/id/innovation/tzcld-pipriac", "en")
    assert '<span lang="fr">' in page, "names of places in France have no English"
    assert not re.search(r'<p class="lead" lang="fr">', page), "records are told in English too"


def test_both_readings_stand_side_by_side(client: FlaskClient) -> None:
    page = read(client, "/doc/id/innovation/tzcld-pipriac")
    assert "Première lecture" in page
    assert "Seconde lecture" in page
    assert "non étayée" in page
    assert "confiance" in page
    assert "Le maire se porte volontaire" in page


def test_links_outside_promise_nothing(client: FlaskClient) -> None:
    page = read(client, "/doc/id/innovation/tzcld-pipriac")
    outside = re.findall(r'<a [^>]*href="https?://(?!creativecommons)[^"]*"[^>]*>', page)
    assert outside
    assert all('rel="nofollow noopener external"' in link for link in outside)


def internal_links(page: str) -> Iterator[str]:
    for link in re.findall(r'(?:href|src)="(/[^"#]*)', page):
        if not link.startswith(("/sparql?", "/tables/")):  # the tables have their own test
            yield html.unescape(link)


def follow(client: FlaskClient, first: int, every: int) -> int:
    """Follow the first links of each page and every so many of the rest; return how many."""
    seen: set[str] = set()
    for start in LISTS + RECORDS:
        for number, link in enumerate(internal_links(read(client, start))):
            if link in seen or (number > first and number % every):
                continue
            seen.add(link)
            answer = client.get(link, headers={"Accept": "text/html"})
            assert answer.status_code in (200, 303), f"{start} links to {link}"
            answer.close()
    return len(seen)


def test_links_of_the_main_pages_lead_somewhere(client: FlaskClient) -> None:
    assert follow(client, 30, 97) > 100


@pytest.mark.full
def test_every_link_of_the_main_pages_leads_somewhere(client: FlaskClient) -> None:
    assert follow(client, 10_000, 1) > 1000


def test_filters_narrow_the_list(client: FlaskClient) -> None:
    def found(**given: str) -> set[str]:
        answer = client.get("/innovations.json", query_string=given)
        bindings = json.loads(answer.data)["results"]["bindings"]
        return {row["innovation"]["value"] for row in bindings}

    everything = found()
    assert len(everything) == len(found(need="")) > 200, "an empty choice is none"
    for name, value in (("need", "scheme/need/emploi"), ("model", "id/model/ptce"),
                        ("territory", "id/territory/region-53"),
                        ("posture", "scheme/posture/funder")):  # fmt: skip
        some = found(**{name: value})
        assert some
        assert some < everything, name
        assert some == found(**{name: BASE + value})


def test_a_narrower_territory_is_counted_in_its_region(client: FlaskClient) -> None:
    page = read(client, "/doc/id/territory/region-53")
    assert "TZCLD Pipriac et Saint-Ganton" in page


@pytest.mark.parametrize(
    ("path", "named"),
    [
        ("/innovations?need=a%20b", "need"),
        ("/innovations?need=emploi", "need"),
        ("/innovations?need=%22%20.%20%7D", "need"),
        ("/innovations?need=urn:a&need=urn:b", "need"),
        ("/innovations?colour=red", "colour"),
        ("/innovations?page=0", "page"),
        ("/innovations?page=x", "page"),
        ("/innovation/actors", "innovation"),
        ("/innovation/actors.csv", "innovation"),
        ("/innovation/actors?innovation=%3Curn:x%3E", "innovation"),
        ("/innovations.json?need=%E2%98%83%20", "need"),
    ],
)
def test_a_wrong_value_is_400_and_names_the_parameter(
    client: FlaskClient, path: str, named: str
) -> None:
    answer = client.get(path, headers={"Accept": "application/json"})
    assert answer.status_code == 400
    assert named in json.loads(answer.data)["detail"]


HOSTILE = ('"><script>alert(1)</script>', "' OR 1=1 --", "{{7*7}}", "\x00", "%00", "é" * 5000,
           "a\" } UNION { ?s ?p ?o } #", "* NEAR(\"", "../../etc/passwd", "\U0001f41d")  # fmt: skip


@pytest.mark.parametrize("text", HOSTILE)
def test_hostile_words_find_nothing_and_break_nothing(client: FlaskClient, text: str) -> None:
    answer = client.get("/search", query_string={"q": text}, headers={"Accept": "text/html"})
    page = answer.get_data(as_text=True)
    assert answer.status_code == 200
    assert "<script" not in page
    assert "{{" not in text or text in page, "words are shown, never evaluated"


def test_search_groups_what_it_finds(client: FlaskClient) -> None:
    page = read(client, "/search?q=pipriac")
    assert "TZCLD Pipriac et Saint-Ganton" in page
    assert 'id="kind-territory"' in page


@pytest.mark.parametrize(
    ("accept", "kind"),
    [("text/html,*/*;q=0.8", "text/html"), ("*/*", "text/plain"), ("text/plain", "text/plain"),
     ("application/json", "application/problem+json"), ("text/turtle", "application/problem+json"),
     ("", "text/plain")],
)  # fmt: skip
@pytest.mark.parametrize(
    "path",
    ["/nothing", "/doc/id/actor/nobody", "/innovations?need=x", "/dump/x", "/sparql?query=x"],
)
def test_errors_come_in_the_form_the_client_reads(
    client: FlaskClient, path: str, accept: str, kind: str
) -> None:
    if path.startswith("/sparql") and accept in ("text/turtle", "text/plain"):
        pytest.skip("that is a 406: no row is Turtle or plain text")
    answer = client.get(path, headers={"Accept": accept})
    assert answer.status_code in (400, 404)
    assert answer.mimetype == kind
    assert "Traceback" not in answer.get_data(as_text=True)


def test_the_same_words_in_every_form(client: FlaskClient) -> None:
    as_json = client.get("/innovations?need=x", headers={"Accept": "application/json"})
    detail = json.loads(as_json.data)["detail"]
    text = client.get("/innovations?need=x", headers={"Accept": "*/*"}).get_data(as_text=True)
    page = client.get("/innovations?need=x", headers={"Accept": "text/html"})
    assert detail in text
    assert detail in html.unescape(page.get_data(as_text=True))


def test_an_accident_is_a_plain_500(app, monkeypatch: pytest.MonkeyPatch) -> None:  # type: ignore[no-untyped-def]
    from web import search

    def broken() -> None:
        raise RuntimeError("secret")

    monkeypatch.setattr(search, "site", broken)
    answer = app.test_client().get("/search?q=a", headers={"Accept": "application/json"})
    assert answer.status_code == 500
    assert b"secret" not in answer.data


@pytest.mark.parametrize("path", ["/", "/nothing", "/sparql", "/needs.json"])
def test_every_answer_is_guarded(client: FlaskClient, path: str) -> None:
    headers = client.get(path, headers={"Accept": "text/html"}).headers
    assert headers["Content-Security-Policy"].startswith("default-src 'self'")
    assert headers["X-Content-Type-Options"] == "nosniff"
    assert "Referrer-Policy" in headers


def test_a_value_is_a_term_before_it_is_text() -> None:
    given = pages.asked_values
    with pytest.raises(Exception, match="need"):
        given(PAGES["innovations"], {"need": ["urn:x> } #"]})
