"""The published schemas and examples of the Reconciliation Service API, read in place."""

from __future__ import annotations

import json
import os
import tarfile
from functools import cache
from pathlib import Path
from typing import Any

import pytest
from jsonschema import Draft7Validator
from referencing import Registry, Resource
from referencing.jsonschema import DRAFT7

SWAGGER = "http://swagger.io/v2/schema.json"
VERSIONS = ("0.2", "1.0-draft")


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
