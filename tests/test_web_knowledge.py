"""What a researcher follows: evidence, effects, endings, dates, the frame, how to cite, reply."""

from __future__ import annotations

import csv
import html
import io
import json
import re

import pytest
from flask import Flask
from flask.testing import FlaskClient

from kb.release import Release
from web import edtf

RIACE = "/doc/id/innovation/riace-accoglienza"
PIPRIAC = "/doc/id/innovation/tzcld-pipriac"


def read(client: FlaskClient, path: str, language: str = "fr") -> str:
    answer = client.get(path, headers={"Accept": "text/html", "Accept-Language": language})
    assert answer.status_code == 200, f"{path}: {answer.get_data(as_text=True)[-800:]}"
    return answer.get_data(as_text=True)


def words(page: str) -> str:
    return " ".join(html.unescape(re.sub(r"<[^>]+>", " ", page)).split())


@pytest.mark.parametrize(
    ("written", "is_moment", "french", "english"),
    [
        ("2015", True, "2015", "2015"),
        ("2015~", True, "vers 2015", "about 2015"),
        ("2015?", True, "2015 (incertain)", "2015 (uncertain)"),
        ("2015%", True, "vers 2015 (incertain)", "about 2015 (uncertain)"),
        ("201X", True, "années 2010", "2010s"),
        ("2011/2012", True, "2011 ou 2012", "2011 or 2012"),
        ("2011/2012", False, "2011–2012", "2011–2012"),
        ("1980/1996", True, "entre 1980 et 1996", "between 1980 and 1996"),
        ("[2011,2012]", True, "2011 ou 2012", "2011 or 2012"),
        ("1998-07", True, "juillet 1998", "July 1998"),
        ("2024-07~", True, "vers juillet 2024", "about July 2024"),
        ("2018-10-09", True, "9 octobre 2018", "9 October 2018"),
        ("2010-12-01", True, "1er décembre 2010", "1 December 2010"),
        ("2016-01/2016-03", False, "janvier 2016 – mars 2016", "January 2016 – March 2016"),
        ("2014-22", True, "été 2014", "summer 2014"),
        ("2014/..", True, "depuis 2014", "since 2014"),
        ("../2014", True, "jusqu'en 2014", "until 2014"),
        ("2014-13", True, "2014-13", "2014-13"),
        ("soon", True, "soon", "soon"),
    ],
)
def test_a_date_is_said_in_words(
    app: Flask, written: str, is_moment: bool, french: str, english: str
) -> None:
    for language, expected in (("fr", french), ("en", english)):
        with app.test_request_context(f"/?lang={language}"):
            assert edtf.words(written, is_moment) == expected


@pytest.mark.parametrize(
    ("language", "first", "notes"),
    [("fr", "En 1998, un débarquement", "Notes"), ("en", "In 1998 a landing", "Notes")],
)
def test_the_abstract_leads_and_the_notes_follow(
    client: FlaskClient, language: str, first: str, notes: str
) -> None:
    page = read(client, RIACE, language)
    assert re.search(rf'<p class="lead">{first}', page)
    assert page.index(first) < page.index(f'<h2 id="from-notes">{notes}</h2>')
    assert "In 1998 a landing" not in page or language == "en"


def test_what_was_observed_and_how_it_ended_are_told_with_their_source(
    client: FlaskClient,
) -> None:
    page = words(read(client, RIACE))
    assert re.search(r"défavorable évaluation 2019 Le tribunal administratif relève", page)
    assert "arrêtée retrait d'une autorité 2018 Le 9 octobre 2018, le ministère" in page
    assert re.search(r"corriere\.it 2019 · par extrait", page), "publisher, year, way of reading"
    assert re.search(r"123dok par extrait · copie", page), "a copy is marked"


def test_stages_and_events_are_one_list_in_order(client: FlaskClient) -> None:
    page = read(client, RIACE)
    moments = [words(text) for text in re.findall(r'<span class="when">(.*?)</span>', page)]
    assert moments == ["1998–1999", "juillet 1998", "jusqu'en 2016", "2018", "9 octobre 2018",
                       "21 mai 2019", "28 mai 2020"]  # fmt: skip


def test_readings_stand_in_the_order_they_were_made(client: FlaskClient) -> None:
    for heads in re.findall(r'<table class="readings">.*?<thead>(.*?)</thead>',
                            read(client, PIPRIAC), re.S):  # fmt: skip
        shown = [words(head) for head in re.findall(r"<th[^>]*>(.*?)</th>", heads)][1:]
        readings = ["Première lecture", "Seconde lecture", "Lecture des preuves"]
        assert shown == [name for name in readings if name in shown]


def test_not_coded_is_not_undecidable(client: FlaskClient) -> None:
    page = words(read(client, PIPRIAC))
    assert "non codé (proposé : vecteur de transformation)" in page
    assert "not coded (proposed: experimentation)" in words(read(client, PIPRIAC, "en"))


def test_every_posture_of_the_evidence_reading_has_its_source(client: FlaskClient) -> None:
    page = read(client, RIACE)
    cells = re.findall(r'<td data-heading="Lecture des preuves">(.*?)</td>', page, re.S)
    judged = [one for cell in cells for one in cell.split('<div class="judged">')[1:]]
    sourced = [one for one in judged if 'class="source"' in one]
    inferred = [one for one in judged if '<span class="tag">base : inféré</span>' in one]
    assert len(sourced) == 7
    assert len(sourced) + len(inferred) == len(judged), "only what is inferred may lack a page"


def test_a_text_is_shown_in_one_language(client: FlaskClient) -> None:
    page = read(client, "/doc/id/assessment/riace-accoglienza-evidence-posture-1")
    assert "Révoque le financement" in page
    assert "Revokes funding" not in page


@pytest.mark.parametrize(
    ("thing", "title"),
    [
        ("assessment/riace-accoglienza-evidence-posture-1",
         "Appréciation : Posture d'une autorité, Auteur d'un retrait"),
        ("reading/riace-accoglienza-evidence", "Lecture d'un cas : Lecture des preuves, Riace"),
        ("event/riace-accoglienza-2", "Événement : Autre événement, 9 octobre 2018"),
        ("ending/riace-accoglienza-1", "Fin ou interruption : Arrêtée, 2018, Riace"),
        ("stage/riace-accoglienza-1", "Période d'une étape : Émergence, Riace"),
    ],
)  # fmt: skip
def test_a_thing_without_a_name_is_called_by_what_it_says(
    client: FlaskClient, thing: str, title: str
) -> None:
    found = re.search(r"<h1>(.*?)</h1>", read(client, "/doc/id/" + thing), re.S)
    assert found
    assert words(found[1]).startswith(title)


def test_a_programme_says_that_it_is_no_occurrence(client: FlaskClient) -> None:
    query = (
        "SELECT ?i WHERE { ?i <https://w3id.org/essaim/ns#unitOfObservation> "
        "<https://w3id.org/essaim/scheme/unit/programme> } ORDER BY ?i LIMIT 1"
    )
    answer = client.get("/sparql", query_string={"query": query, "format": "json"})
    iri = json.loads(answer.data)["results"]["bindings"][0]["i"]["value"]
    page = read(client, "/doc/" + iri.removeprefix("https://w3id.org/essaim/"))
    assert 'class="unit"' in page
    assert 'class="unit"' not in read(client, RIACE)


def found(client: FlaskClient, path: str, **given: str) -> list[str]:
    answer = client.get(path, query_string=given)
    rows = json.loads(answer.data)["results"]["bindings"]
    return [next(iter(row.values()))["value"] for row in rows]


@pytest.mark.parametrize(
    ("path", "name", "value"),
    [("/endings.json", "reason", "scheme/end-reason/public-withdrawal"),
     ("/endings.json", "fate", "scheme/fate/refused"),
     ("/outcomes.json", "direction", "scheme/effect/adverse"),
     ("/outcomes.json", "kind", "scheme/outcome-kind/evaluation")],
)  # fmt: skip
def test_failure_is_findable(client: FlaskClient, path: str, name: str, value: str) -> None:
    some = found(client, path, **{name: value})
    assert some
    assert len(some) < len(found(client, path))
    listed = client.get(path.removesuffix(".json"), query_string={name: value})
    assert listed.get_data(as_text=True).count("<li>") >= len(set(some))


def test_adverse_effects_are_on_the_page_of_what_stopped(client: FlaskClient) -> None:
    page = words(read(client, "/endings", "en"))
    assert "Null or adverse effects" in page
    assert "serious management failings" in page


def test_home_tells_occurrences_from_programmes(client: FlaskClient) -> None:
    page = words(read(client, "/"))
    assert re.search(r"\d+ occurrences locales, \d+ programmes et \d+ réseaux", page)
    assert "Ce qui s'est arrêté" in page


def test_the_agreement_is_that_of_the_command(client: FlaskClient, shipped: Release) -> None:
    from kb.statistics import readings

    wanted = readings.table(shipped, readings.facets(readings.readings(shipped)))
    text = client.get("/agreement.csv").get_data(as_text=True)
    assert list(csv.reader(io.StringIO(text)))[1:] == wanted.texts()
    page = read(client, "/agreement")
    assert 'href="/codebook"' in page
    assert page.count('<th scope="row">') == len(wanted)
    assert "\u22120,02" in page, "the sign of a κ below zero is shown"


@pytest.mark.parametrize("language", ["fr", "en"])
def test_the_frame_is_whole(client: FlaskClient, shipped: Release, language: str) -> None:
    from kb.statistics import frame

    page = words(read(client, "/frame", language))
    for section in frame.frame(shipped, language):
        assert " ".join(section.title.split()) in page
    for paragraph in frame.FOUND[language]:
        assert paragraph[:60] in page


@pytest.mark.parametrize("language", ["fr", "en"])
def test_the_codebook_gives_a_definition_and_a_rule(client: FlaskClient, language: str) -> None:
    page = read(client, "/codebook", language)
    for scheme in ("posture", "stage", "ambition", "criterion"):
        assert f'<h2 id="{scheme}">' in page
    assert page.count('<th scope="row">') > 60


@pytest.mark.parametrize("language", ["fr", "en"])
def test_the_codebook_shows_how_far_readers_agreed(client: FlaskClient, language: str) -> None:
    rows = csv.DictReader(io.StringIO(client.get("/agreement.csv").get_data(as_text=True)))
    page = words(read(client, "/codebook", language))
    for row in rows:
        if row["cases"] == "all" and row["kappa"]:
            kappa = row["kappa"].replace("-", "\u2212")
            assert f"κ {kappa.replace('.', ',') if language == 'fr' else kappa}" in page, row
    assert ("Acte minimal" if language == "fr" else "Minimum act") in page


def test_a_contact_is_shown_only_when_set(
    client: FlaskClient, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delenv("ESSAIM_CONTACT", raising=False)
    assert "Contact de ce site" not in read(client, "/right-of-reply")
    for contact, link in (("a@b.example", "mailto:a@b.example"),
                          ("https://b.example/tickets", "https://b.example/tickets")):  # fmt: skip
        monkeypatch.setenv("ESSAIM_CONTACT", contact)
        assert f'<a href="{link}"' in read(client, "/right-of-reply")
    for contact in ("Bureau 12", "javascript:alert(1)"):
        monkeypatch.setenv("ESSAIM_CONTACT", contact)
        page = read(client, "/right-of-reply")
        assert contact in page
        assert f'href="{contact}' not in page


def test_every_file_of_the_export_is_served(client: FlaskClient) -> None:
    page = read(client, "/tables")
    links = sorted(set(re.findall(r'href="(/tables/[^"]+)"', page)))
    assert len(links) > 25
    for link in links:
        answer = client.get(link)
        assert answer.status_code == 200, f"{link}: {answer.get_data(as_text=True)[:300]}"
        assert answer.get_data()
    assert client.get("/tables/../secret.csv").status_code == 404
    assert client.get("/tables/nothing.csv").status_code == 404


def test_a_release_is_cited_three_ways(client: FlaskClient, shipped: Release) -> None:
    page = read(client, "/cite", "en")
    assert page.count(shipped.id) >= 4
    for form in ("cff-version: 1.2.0", "@misc{essaim-", "The essaim contributors"):
        assert form in page


def test_a_publisher_lists_its_pages_and_who_cites_them(client: FlaskClient) -> None:
    page = read(client, "/doc/id/publisher/corriere-it")
    assert "Riace, il Tar annulla" in page
    assert f'href="{RIACE}"' in page
    assert '"https://w3id.org/essaim/id/publisher/corriere-it"' in client.get("/sources.json").text
