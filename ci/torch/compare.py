"""Prints a row of a Markdown table that compares a figure of `dirbench bench --json` with one of these scripts.

    python3 compare.py TITLE UNIT OURS [THEIRS...]

UNIT is ms, /s, % (shares of 1) or s. OURS and THEIRS are GLOB:KEY: the median over the JSON files that the glob finds, of
dirbench's key or of the script's. Of several THEIRS the best counts. The ratio is above 1 where dirbench is faster, or, of
shares, dirbench's as a part of the other's.
"""
import glob
import json
import statistics
import sys


def median(spec):
    pattern, key = spec.rsplit(":", 1)
    values = []
    for path in sorted(glob.glob(pattern)):
        with open(path, encoding="utf8") as f:
            content = json.load(f)
        for row in content if isinstance(content, list) else [content]:
            values.append(row[key] * (1e3 if key == "step_seconds" else 1))
    return statistics.median(values) if values else None


def shown(value, unit):
    if value is None:
        return "—"
    return f"{100 * value:.1f} %" if unit == "%" else f"{value:.4g} {unit}"


def main():
    title, unit, ours, *theirs = sys.argv[1:]
    mine = median(ours)
    others = [value for value in map(median, theirs) if value is not None]
    lower = unit in ("ms", "s", "%")
    best = (min if lower else max)(others) if others else None
    ratio = "—"
    if mine and best:
        ratio = f"{best / mine if unit in ('ms', 's') else mine / best:.2f}"
    print(f"| {title} | {shown(mine, unit)} | {shown(best, unit)} | {ratio} |")


if __name__ == "__main__":
    main()
