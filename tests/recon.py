"""The published schemas and examples of the Reconciliation Service API, and how tests ask it."""

from __future__ import annotations

import json
import os
import tarfile
from functools import cache
from pathlib import Path
from typing import Any

import pytest
from flask.testing import FlaskClient
from jsonschema import Draft7Validator
from referencing import Registry, Resource
from referencing.jsonschema import DRAFT7

from kb import terms

SWAGGER = "http://swagger.io/v2/schema.json"
VERSIONS = ("0.2", "1.0-draft")
VERSION = {"": VERSIONS[0], "/1.0": VERSIONS[1]}  # by the end of the address
ID = terms.BASE + "id/"
RENNES, EUSKO = ID + "territory/commune-35238", ID + "innovation/eusko"
CITY = ID + "authority/ville-de-rennes"


@cache
def archive() -> dict[str, str]:
    """Every JSON file of the suite by its path; nothing where ESSAIM_SUITES names no folder."""
    path = Path(os.environ.get("ESSAIM_SUITES", "")) / "recon-specs.tar.gz"
    if not path.is_file():
        return {}
    with tarfile.open(path) as tar:
        return {
            member.name.partition("/")[2]: file.read().decode("utf-8")
            for member in tar
            if member.name.endswith(".json") and (file := tar.extractfile(member))
        }


def texts() -> dict[str, str]:
    if not archive():
        pytest.skip("no recon-specs.tar.gz: set ESSAIM_SUITES to the folder of the suites")
    return archive()


@cache
def validator(version: str, name: str) -> Draft7Validator:
    folder = f"{version}/schemas/"
    found = {
        path.removeprefix(folder): json.loads(text)
        for path, text in archive().items()
        if path.startswith(folder)
    }
    resources: list[tuple[str, Resource[Any]]] = []
    for file, schema in found.items():
        schema.pop("$schema", None)  # `http://json-schema.org/schema#` names no draft in particular
        resource = DRAFT7.create_resource(schema)
        resources += [(schema["$id"], resource)] if "$id" in schema else []
        resources.append((SWAGGER, resource)) if file == "openapi.json" else None
        for space in {each["$id"].rpartition("/")[0] for each in found.values() if "$id" in each}:
            resources.append((f"{space}/{file}", resource))
    registry: Registry[Any] = Registry().with_resources(resources)
    return Draft7Validator(found[name + ".json"], registry=registry)


def check(document: object, version: str, name: str) -> None:
    """Fail with the first thing that the published schema does not allow."""
    texts()
    faults = [f"{'/'.join(map(str, e.path))}: {e.message}"
              for e in validator(version, name).iter_errors(document)]  # fmt: skip
    assert not faults, f"{name} of {version}: {faults[0][:600]}"


def examples(kind: str, verdict: str) -> list[tuple[str, str]]:
    """The paths and versions of the examples of a kind, `valid` or `invalid`."""
    return [
        (version, path)
        for version in VERSIONS
        for path in sorted(archive())
        if path.startswith(f"{version}/examples/{kind}/{verdict}/")
    ]


def ask(client: FlaskClient, query: object, path: str = "/reconcile") -> Any:
    answer = client.post(path, data={"queries": json.dumps({"q": query})})
    assert answer.status_code == 200, answer.get_data(as_text=True)
    archive() and check(answer.json, "0.2", "reconciliation-result-batch")
    return answer.json["q"]  # type: ignore[index]


def match(client: FlaskClient, *conditions: dict[str, Any], **more: Any) -> Any:
    query = {"conditions": conditions, **more}
    answer = client.post("/reconcile/1.0/match", json={"queries": [query]})
    assert answer.status_code == 200, answer.get_data(as_text=True)
    archive() and check(answer.json, "1.0-draft", "reconciliation-result-batch")
    return answer.json["results"][0]  # type: ignore[index]


def ids(found: Any) -> list[str]:
    return [one["id"].removeprefix(ID) for one in found]


def prop(name: str, value: object) -> dict[str, Any]:
    return {"pid": name, "v": value}
