#!/usr/bin/env python3
"""Opens what `dirbench report --format tensorboard` and `mlflow` wrote with the trackers' own programs.

    pip install tensorboard mlflow
    dirbench report STORE --format tensorboard --output tb
    dirbench report STORE --format mlflow --output ml
    ci/trackers.py STORE tb ml

Every run of the store must be there with its settings, its losses and its test metrics. Exit status 1 with a line for each
fault.
"""
import json
import math
import os
import pathlib
import sys

os.environ["MLFLOW_ALLOW_FILE_STORE"] = "true"

from mlflow.tracking import MlflowClient  # noqa: E402
from tensorboard.backend.event_processing import event_accumulator  # noqa: E402
from tensorboard.plugins.hparams import plugin_data_pb2  # noqa: E402

faults = []


def check(condition, fault):
    if not condition:
        faults.append(fault)


def close(a, b, tolerance):
    return math.isclose(a, b, rel_tol=tolerance, abs_tol=1e-12)


def load(path):
    return json.loads(path.read_text()) if path.exists() else {}


def runs_of(store):
    for path in sorted(pathlib.Path(store).rglob("manifest.json")):
        manifest = json.loads(path.read_text())
        if manifest.get("encoder_only"):
            continue
        events = path.parent / "events.jsonl"
        lines = [json.loads(line) for line in events.read_text().splitlines()] if events.exists() else []
        values = {
            f"{split}/{metric}/{region}": value
            for split, regions in load(path.parent / "metrics.json").items()
            for region, scores in regions.items()
            for metric, value in scores["values"].items()
            if value is not None
        }
        losses = [e["loss"] for e in lines if e["loss"] is not None]
        yield path.parent, manifest, losses, values


def tensorboard(folder, manifest, losses, values):
    where = pathlib.Path(folder, manifest["suite"], manifest["benchmark"], manifest["method"], f"seed={manifest['seed']}",
                         manifest["hash"][:8])
    events = event_accumulator.EventAccumulator(str(where))
    events.Reload()
    scalars = {tag: [e.value for e in events.Scalars(tag)] for tag in events.Tags()["scalars"]}
    for tag, value in values.items():
        check(tag in scalars and close(scalars[tag][-1], value, 1e-6), f"{where}: {tag} is {scalars.get(tag)}, want {value}")
    found = scalars.get("loss/train", [])
    check(len(found) == len(losses) and all(close(a, b, 1e-6) for a, b in zip(found, losses)), f"{where}: losses {found}")
    metadata = events.SummaryMetadata("_hparams_/session_start_info").plugin_data.content
    start = plugin_data_pb2.HParamsPluginData.FromString(metadata).session_start_info
    check(start.hparams["method"].string_value == manifest["method"], f"{where}: method {start.hparams['method']}")
    check(start.hparams["seed"].number_value == manifest["seed"], f"{where}: seed {start.hparams['seed']}")


def mlflow(folder, wanted):
    client = MlflowClient(tracking_uri=pathlib.Path(folder).resolve().as_uri())
    found = {}
    for experiment in client.search_experiments():
        for run in client.search_runs([experiment.experiment_id], max_results=50000):
            found[run.data.tags["suite"], run.data.params["benchmark"], run.data.params["method"], int(run.data.params["seed"]),
                  run.data.tags["hash"]] = run
    for _, m, losses, values in wanted:
        run = found.get((m["suite"], m["benchmark"], m["method"], m["seed"], m["hash"]))
        if run is None:
            faults.append(f"{folder}: no run {m['suite']}/{m['benchmark']}/{m['method']}/seed={m['seed']}")
            continue
        for tag, value in values.items():
            check(close(run.data.metrics.get(tag, math.nan), value, 1e-12), f"{run.info.run_name}: {tag} {run.data.metrics.get(tag)}")
        history = [e.value for e in client.get_metric_history(run.info.run_id, "loss/train")] if losses else []
        check(history == losses, f"{run.info.run_name}: losses {history}")
    check(len(found) == len(wanted), f"{folder}: {len(found)} runs, want {len(wanted)}")


def main(store, tb, ml):
    wanted = list(runs_of(store))
    check(wanted, f"{store}: no runs")
    for _, manifest, losses, values in wanted:
        tensorboard(tb, manifest, losses, values)
    mlflow(ml, wanted)
    print("\n".join(faults) or f"{len(wanted)} runs open in TensorBoard and MLflow")
    return bool(faults)


if __name__ == "__main__":
    sys.exit(main(*sys.argv[1:]))
