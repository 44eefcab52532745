"""Links reviewed in the browser: this machine only, with the secret, by plain forms."""

from __future__ import annotations

import http.client
import re
import threading
from collections.abc import Iterator
from pathlib import Path
from urllib.parse import urlencode, urlsplit

import pytest
import yaml

from kb import sssom
from kb.linking import page
from kb.linking.desk import Desk, Server
from kb.sssom import Link, MappingSet

ABOUT = {"mapping_set_id": "https://e.org/ours-x", "curie_map": {"list": "https://e.org/l/"}}
RIVAL = '{"line": 7, "rivals": [{"id": "list:r", "label": "Relais sud", "score": 0.4}]}'
LINKS = MappingSet(ABOUT, (
    Link("list:1", "Relais <nord>", "skos:exactMatch", "list:a", "Le Relais", confidence="0.5",
         comment="ratio 0.7", other=RIVAL),
    Link("list:2", "Il Filo", "skos:exactMatch", "list:b", "Filo", confidence="0.7"),
))  # fmt: skip


@pytest.fixture
def server(tmp_path: Path) -> Iterator[Server]:
    made = Server(Desk(LINKS, "orcid:1", tmp_path))
    threading.Thread(target=made.serve_forever, daemon=True).start()
    yield made
    made.shutdown()
    made.server_close()


def asked(
    server: Server, method: str = "GET", path: str = "", host: str = "", **given: str
) -> tuple[int, str, dict[str, str]]:
    parts = urlsplit(server.address)
    sent = http.client.HTTPConnection(parts.netloc, timeout=10)
    headers = {"Content-Type": "application/x-www-form-urlencoded"}
    headers |= {"Host": host} if host else {}
    headers |= {"Origin": given.pop("origin")} if "origin" in given else {}
    address = path if path.startswith("/") else parts.path + path
    sent.request(method, address, urlencode(given) if method == "POST" else None, headers)
    answer = sent.getresponse()
    text = answer.read().decode()
    sent.close()
    return answer.status, text, dict(answer.headers)


def states(folder: Path) -> list[tuple[str, str, str]]:
    path = folder / "ours-x.sssom.tsv"
    return [(x.subject_id, x.object_id, x.essaim_state) for x in sssom.read(path).mappings]


def test_differing_characters_are_marked_and_names_escaped(server: Server) -> None:
    status, text, headers = asked(server, path="?lang=fr")
    assert status == 200
    assert "&lt;" in text
    assert "<nord>" not in text
    assert "<mark>" in text
    assert headers["Content-Security-Policy"].startswith("default-src 'none'")
    assert not re.findall(r"https?://(?!e\.org)", text), "no other host"


def test_forms_alone_accept_reject_and_undo(server: Server, tmp_path: Path) -> None:
    first = {"subject": "list:1", "object": "list:a", "at": "0", "lang": "fr"}
    status, _, headers = asked(server, "POST", "decide", do="accepted", **first)
    assert (status, headers["Location"]) == (303, f"/{server.token}/?lang=fr&at=0")
    asked(server, "POST", "decide", do="rejected", subject="list:2", object="list:b")
    assert states(tmp_path) == [("list:1", "list:a", "accepted"), ("list:2", "list:b", "rejected")]
    assert "Plus rien" in asked(server, path="?lang=fr")[1]
    asked(server, "POST", "decide", do="undo")
    asked(server, "POST", "decide", do="undo")
    assert states(tmp_path) == []


def test_a_rival_can_be_accepted_instead(server: Server, tmp_path: Path) -> None:
    chosen = {"subject": "list:1", "object": "list:r", "label": "Relais sud"}
    asked(server, "POST", "decide", do="accepted", **chosen)
    assert states(tmp_path) == [("list:1", "list:r", "accepted")]
    assert "1 à relire" in asked(server, path="?lang=fr")[1]


def test_who_lacks_the_secret_or_comes_from_elsewhere_is_refused(
    server: Server, tmp_path: Path
) -> None:
    first = {"do": "accepted", "subject": "list:1", "object": "list:a"}
    assert asked(server, path="/")[0] == 404
    assert asked(server, path="/guess/")[0] == 404
    assert asked(server, host="evil.example")[0] == 404
    assert asked(server, "POST", "/guess/decide", **first)[0] == 404
    assert asked(server, "POST", "decide", origin="https://evil.example", **first)[0] == 403
    assert asked(server, "POST", "decide", **{**first, "subject": "list:9"})[0] == 400
    assert asked(server, "POST", "decide", **first, filler="x" * 30_000)[0] == 413
    assert asked(server, path="../../../etc/passwd")[0] == 404
    assert not list(tmp_path.iterdir())
    assert server.server_address[0] == "127.0.0.1"


def test_the_words_are_complete_in_both_languages() -> None:
    words = yaml.safe_load((page.HERE / "review.yaml").read_text("utf-8"))
    assert words["fr"].keys() == words["en"].keys()


def test_english_is_spoken_where_it_is_asked_for(server: Server) -> None:
    assert '<html lang="en">' in asked(server, path="?lang=en")[1]
    assert "Links to review" in asked(server, path="?lang=en&at=99")[1]
