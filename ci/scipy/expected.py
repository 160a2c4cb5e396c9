"""Computes with SciPy what the tables of a run store must show, without any code of dirbench.

    apt install python3-scipy
    python3 ci/scipy/expected.py reports/testdata/scipy/store > reports/testdata/scipy/expected.json

Intervals are at 95 %, tests two-sided and at level 0.05, methods compared with vanilla over the seeds that both have. NaN is null.
"""
import collections
import itertools
import json
import math
import pathlib
import sys

import numpy as np
from scipy import stats

LEVEL, ALPHA = 0.95, 0.05
HIGHER = {"pearson"}
REGIONS = ["all", "many", "medium", "few"]


def read(root):
    """Values by table, method, column and seed. A column is "mae few"."""
    tables = collections.defaultdict(lambda: collections.defaultdict(lambda: collections.defaultdict(dict)))
    for path in sorted(root.glob("**/manifest.json")):
        manifest = json.loads(path.read_text())
        if json.loads((path.parent / "status.json").read_text())["state"] != "done":
            continue
        test = json.loads((path.parent / "metrics.json").read_text())["test"]
        table = tables[manifest["benchmark"] + "/" + manifest["dataset"]["name"]]
        for metric, region in itertools.product(manifest["metrics"], REGIONS):
            value = test[region]["values"][metric]
            table[manifest["method"]][f"{metric} {region}"][manifest["seed"]] = math.nan if value is None else value
    return tables


def same(x, size):
    """Whether values are all the same but for the rounding of numbers of that size."""
    return np.ptp(x) <= 1e-12 * size


def t_interval(x):
    if len(x) < 2 or same(x, 0):
        return [math.nan, math.nan]
    return list(stats.t.interval(LEVEL, len(x) - 1, np.mean(x), stats.sem(x)))


def bca_interval(x):
    """The intervals at levels just above and below, as [[low, high], [low, high]]: quantiles of a handful of resampled values are steps,
    and near one of them the random numbers decide on which side an end lies. The means are rounded so that resamples in another
    order than the sample's count as equal to it."""
    if len(x) < 3 or same(x, 0):
        return [[math.nan] * 2] * 2
    mean = lambda v, axis: np.round(np.mean(v, axis=axis), 10)
    return [list(stats.bootstrap((x,), mean, method="BCa", confidence_level=level, n_resamples=100_000, random_state=0,
                                 vectorized=True).confidence_interval) for level in (LEVEL + 0.01, LEVEL - 0.01)]


def wilcoxon(d):
    """SciPy's exact test, or with ties the exact permutation test of the same statistic, which is its definition. Zeros are dropped."""
    d = d[d != 0]
    if len(d) == 0:
        return math.nan
    if len(np.unique(np.abs(d))) == len(d):
        return stats.wilcoxon(d, mode="exact").pvalue
    rank_sum = lambda v: np.sum(stats.rankdata(np.abs(v)) * (v > 0))
    return min(1, stats.permutation_test((d,), rank_sum, permutation_type="samples", n_resamples=np.inf).pvalue)


def holm(ps):
    """Adjusted p-values, by the definition of Holm's step-down procedure: the smallest level at which each is rejected."""
    known = {k: p for k, p in ps.items() if not math.isnan(p)}
    adjusted = {k: math.nan for k in ps}
    for k, p in known.items():
        steps = [sum(q >= r for q in known.values()) * r for r in known.values() if r <= p]
        adjusted[k] = min(1, max(steps))
    return adjusted


def against(mine, theirs, higher):
    """The comparison of two dictionaries of values by seed, or None."""
    seeds = sorted(set(mine) & set(theirs))
    if len(seeds) < 3 or np.isnan(list(mine.values()) + list(theirs.values())).any():
        return None
    x, y = np.array([mine[s] for s in seeds]), np.array([theirs[s] for s in seeds])
    d = x - y
    result = {"pairs": len(seeds), "difference": np.mean(d), "low": math.nan, "high": math.nan, "p_t": math.nan}
    result["gain"] = np.mean(d) if higher else -np.mean(d) / np.mean(y)
    if same(d, max(np.max(np.abs(x)), np.max(np.abs(y)))):
        d = np.full(len(d), d[0])
    else:
        test = stats.ttest_rel(x, y)
        result["low"], result["high"] = test.confidence_interval(LEVEL)
        result["p_t"] = test.pvalue
    result["p_wilcoxon"] = wilcoxon(d)
    return result


def table(methods):
    cells = {m: {} for m in methods}
    for column in methods["vanilla"]:
        metric = column.split()[0]
        for m, columns in methods.items():
            x = np.array([columns[column][s] for s in sorted(columns[column])])
            cell = {"n": len(x), "mean": math.nan, "std": math.nan, "t": [math.nan] * 2, "bca": [[math.nan] * 2] * 2}
            if not np.isnan(x).any():
                cell |= {"mean": np.mean(x), "std": np.std(x, ddof=1) if len(x) > 1 else math.nan, "t": t_interval(x), "bca": bca_interval(x)}
            cell["against"] = None if m == "vanilla" else against(columns[column], methods["vanilla"][column], metric in HIGHER)
            cells[m][column] = cell
        compared = {m: cells[m][column]["against"] for m in methods if cells[m][column]["against"]}
        for test in ["t", "wilcoxon"]:
            adjusted = holm({m: c["p_" + test] for m, c in compared.items()})
            for m, c in compared.items():
                c["holm_" + test] = adjusted[m]
    return cells


def permutation_p(ranks):
    """Friedman's test by all permutations of the ranks of each block but the first, whose order is a matter of names. Twice the
    ranks are whole numbers."""
    doubled = np.rint(2 * ranks).astype(np.int16)
    sums = doubled[:1]
    for block in doubled[1:]:
        orders = np.array(list(itertools.permutations(block)), dtype=np.int16)
        sums = (sums[:, None, :] + orders[None]).reshape(-1, ranks.shape[1])
    spread = lambda s: np.sum((s - doubled.sum() / ranks.shape[1]) ** 2, axis=-1)
    return np.mean(spread(sums) >= spread(doubled.sum(axis=0)) - 1e-9)


def ranking(tables, region):
    """Ranks over the tables by their first metric, of methods with at least two seeds in each; tables without values are left out."""
    blocks = {}
    for name, methods in tables.items():
        column = next(iter(methods["vanilla"])).split()[0] + " " + region
        sign = -1 if column.split()[0] in HIGHER else 1
        means = {m: sign * np.mean(list(c[column].values())) for m, c in methods.items() if len(c[column]) > 1}
        if not np.isnan(list(means.values())).any():
            blocks[name] = means
    methods = sorted(set.intersection(*[set(b) for b in blocks.values()]))
    scores = np.array([[b[m] for m in methods] for b in blocks.values()])
    ranks = stats.rankdata(scores, axis=1)
    n, k = ranks.shape
    chi_square = stats.friedmanchisquare(*scores.T).statistic
    f = (n - 1) * chi_square / (n * (k - 1) - chi_square)
    return {
        "blocks": list(blocks), "mean_ranks": dict(zip(methods, ranks.mean(axis=0))), "chi_square": chi_square, "f": f,
        "p_f": stats.f.sf(f, k - 1, (k - 1) * (n - 1)), "p_permutation": permutation_p(ranks),
        "critical_difference": stats.studentized_range.ppf(1 - ALPHA, k, np.inf) / math.sqrt(2) * math.sqrt(k * (k + 1) / (6 * n)),
    }


def plain(v):
    """The value as JSON can hold it."""
    if isinstance(v, dict):
        return {k: plain(x) for k, x in v.items()}
    if isinstance(v, list):
        return [plain(x) for x in v]
    if isinstance(v, (float, np.floating)):
        return None if math.isnan(v) else float(v)
    return v


def main():
    tables = read(pathlib.Path(sys.argv[1]))
    result = {"tables": {name: table(methods) for name, methods in tables.items()},
              "ranks": {region: ranking(tables, region) for region in ["all", "few"]}}
    print(json.dumps(plain(result), indent=1))


if __name__ == "__main__":
    main()
