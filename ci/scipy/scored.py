"""Trains gradient boosting and a PyTorch network on a table, scores them beside dirbench's methods, and checks the figures.

    python3 ci/scipy/scored.py DIRBENCH TABLE.csv LABEL

Ten seeds each. Works in an empty folder. The mean absolute and root mean squared error over all test rows must be
scikit-learn's, mean, standard deviation and paired t test over seeds NumPy's and SciPy's, to ten digits. Prints the table. Needs
pandas, PyArrow, scikit-learn, SciPy and PyTorch.
"""
import glob
import json
import math
import pathlib
import subprocess
import sys

import numpy as np
import pandas as pd
import torch
from scipy import stats
from sklearn.ensemble import HistGradientBoostingRegressor
from sklearn.metrics import mean_absolute_error, mean_squared_error
from torch import nn

SEEDS = range(10)
SUITE = """name: mine
seeds: {seeds}
methods: [vanilla, lds]
benchmarks:
  - {{benchmark: table, dataset: table, scale: tiny, recipe: {{epochs: 10}}}}
"""
FIGURES = {"mae": mean_absolute_error, "rmse": lambda y, p: math.sqrt(mean_squared_error(y, p))}


def read(split):
    table = pd.read_parquet(f"data/table/{split}.parquet")
    return table.id, np.stack(table.features).astype(np.float32), table.label.to_numpy()


def boosted(x, y, test, seed):
    model = HistGradientBoostingRegressor(max_iter=50, max_features=0.5, random_state=seed)
    return model.fit(x, y).predict(test)


def network(x, y, test, seed):
    torch.manual_seed(seed)
    mean, std = x.mean(0), x.std(0) + 1e-6
    x, test, target = (torch.as_tensor(part, dtype=torch.float32)
                       for part in ((x - mean) / std, (test - mean) / std, (y - y.mean()) / y.std()))
    net = nn.Sequential(nn.Linear(x.shape[1], 20), nn.ReLU(), nn.Linear(20, 30), nn.ReLU(), nn.Linear(30, 1))
    optimizer = torch.optim.AdamW(net.parameters(), lr=1e-2)
    for _ in range(100):
        optimizer.zero_grad()
        (net(x).squeeze(1) - target).abs().mean().backward()
        optimizer.step()
    with torch.no_grad():
        return net(test).squeeze(1).numpy() * y.std() + y.mean()


def main(dirbench, csv, label):
    dirbench = str(pathlib.Path(dirbench).resolve())
    run = lambda *args: subprocess.run([dirbench, *args], check=True, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True).stdout
    run("data", "convert", "columns", csv, "--name", "table", "--label", label, "--features", "all", "--cap", "10")
    pathlib.Path("mine.yaml").write_text(SUITE.format(seeds=list(SEEDS)))
    run("run", "--suite", "mine.yaml", "--backend", "go")
    _, x, y = read("train")
    ids, test, _ = read("test")
    rows = [pd.DataFrame({"id": ids, "prediction": model(x, y, test, seed), "method": model.__name__, "seed": seed})
            for model in (boosted, network) for seed in SEEDS]
    pd.concat(rows).to_csv("others.csv", index=False)
    run("score", "others.csv", "--dataset", "table", "--benchmark", "table", "--scale", "tiny")
    check(json.loads(run("report", "results", "--metrics", ",".join(FIGURES), "--json"))["tables"][0])
    print(run("report", "results", "--metrics", "mae,rmse", "--format", "md"))


def check(table):
    """Compares the columns over all rows with figures computed from the stored predictions."""
    values = {}
    for path in glob.glob("results/*/table/*/seed=*/*/predictions.parquet"):
        method, seed = pathlib.Path(path).parts[-4], pathlib.Path(path).parts[-3]
        rows = pd.read_parquet(path).query("split == 'test'").astype({"label": float, "prediction": float})
        for metric, figure in FIGURES.items():
            values.setdefault((method, metric), {})[seed] = figure(rows.label, rows.prediction)
    compared = 0
    for row in table["rows"]:
        for column, cell in zip(table["columns"], row["cells"]):
            if column["region"] != "all" or column["metric"] not in FIGURES:
                continue
            seeds = values["vanilla", column["metric"]]
            own = np.array([values[row["method"], column["metric"]][seed] for seed in sorted(seeds)])
            base = np.array([seeds[seed] for seed in sorted(seeds)])
            wanted = [(cell["mean"], own.mean()), (cell["std"], own.std(ddof=1))]
            if row["method"] != "vanilla":
                wanted.append((cell["comparison"]["p_t"], stats.ttest_rel(own, base).pvalue))
            for got, want in wanted:
                if not math.isclose(got, want, rel_tol=1e-10):
                    sys.exit(f"{row['method']} {column['metric']}: {got}, scikit-learn and SciPy have {want}")
                compared += 1
    print(f"ok: {compared} figures are those of scikit-learn and SciPy\n")


if __name__ == "__main__":
    main(*sys.argv[1:])
