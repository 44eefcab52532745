"""Splink over DuckDB, run by the interpreter of its own environment: target, queries, out.

It gets the names as essaim normalises them, eight blocking rules, and trains itself by expectation
maximisation; nobody tuned it further.
"""

import json
import sys
import time
from pathlib import Path

import duckdb
import pandas as pd
import splink.comparison_library as cl
from splink import DuckDBAPI, Linker, SettingsCreator, block_on

WORD = "regexp_extract(core, '^\\S+')"
LAST = "regexp_extract(core, '\\S+$')"


def main(target: str, queries: str, out: str) -> None:
    """Link the queries to the target; write the best of each as JSON."""
    frames = [pd.read_csv(path, sep="\t", dtype=str, keep_default_na=False, na_values=[""],
                          quoting=0) for path in (queries, target)]  # fmt: skip
    for frame, side in zip(frames, ("q", "t"), strict=True):
        frame["unique_id"] = side + frame.pop("id")
    started = time.process_time()
    rules = [
        block_on("core"), block_on("town", "substr(core, 1, 3)"), block_on(WORD, LAST),
        block_on("area", WORD), block_on("area", LAST), block_on("town", WORD),
        block_on("substr(core, 1, 8)"), block_on("town", LAST),
    ]  # fmt: skip
    settings = SettingsCreator(
        link_type="link_only",
        comparisons=[
            cl.JaroWinklerAtThresholds("core", [0.97, 0.92, 0.85, 0.75]),
            cl.ExactMatch("town"), cl.ExactMatch("area"),
        ],
        blocking_rules_to_generate_predictions=rules,
    )  # fmt: skip
    api = DuckDBAPI(duckdb.connect())
    tables = [
        api.register(frame, dataset_display_name=label)
        for frame, label in zip(frames, ("q", "t"), strict=True)
    ]
    linker = Linker(tables, settings)
    linker.training.estimate_probability_two_random_records_match([block_on("core")], recall=0.5)
    linker.training.estimate_u_using_random_sampling(max_pairs=1e6, seed=1)
    for rule in (block_on("town"), block_on("core")):
        linker.training.estimate_parameters_using_expectation_maximisation(rule)
    found = linker.inference.predict().as_pandas_dataframe()
    used = time.process_time() - started
    best: dict[str, tuple[float, str]] = {}
    for one, other, sure in zip(
        found["unique_id_l"], found["unique_id_r"], found["match_probability"], strict=True
    ):
        query, entity = (one, other) if one.startswith("q") else (other, one)
        best[query[1:]] = max(best.get(query[1:], (-1.0, "")), (float(sure), entity[1:]))
    # getrusage would begin at the memory of the parent, which exec does not reset
    status = Path("/proc/self/status").read_text(encoding="utf-8").splitlines()
    memory = next(int(one.split()[1]) / 1024 for one in status if one.startswith("VmHWM"))
    with open(out, "w", encoding="utf-8") as file:
        json.dump({"cpu": used, "memory": memory, "best": best}, file)


main(*sys.argv[1:])
