"""Prints the tables of the figures that ci/speed.sh left in a folder.

    python3 speed_table.py FOLDER

A cell is "least / median" over the turns. PyTorch's form with the least median is the best. Ratios are of medians, above 1 where
dirbench is faster.
"""
import glob
import json
import os
import statistics
import sys

NETWORKS = {
    "age-tiny": "age tiny", "age-small": "age small", "sts-b-small": "STS-B small", "nyud2-tiny": "NYUD2 tiny",
    "shhs-tiny": "SHHS tiny", "table-small": "table small", "resnet50": "ResNet-50 at 224, batch 8",
}
FORMS = {"eager": "eager", "channels-last": "channels last", "compiled": "compiled", "compiled-channels-last": "compiled, channels last"}
NOTHING = "—"


class Figures:
    """The measurements of a folder."""

    def __init__(self, folder):
        self.folder = folder

    def values(self, name, key):
        """A key of the measurements FOLDER/NAME.TURN.json; dirbench prints a list with one row."""
        values = []
        for path in sorted(glob.glob(f"{glob.escape(self.folder)}/{name}.*.json")):
            with open(path, encoding="utf8") as f:
                content = json.load(f)
            values += [row[key] for row in (content if isinstance(content, list) else [content])]
        return values

    def step(self, network, side):
        """Milliseconds of a training step in every turn."""
        if side in FORMS:
            return self.values(f"{network}.{side}", "ms_median")
        return [1e3 * seconds for seconds in self.values(f"{network}.{side}", "step_seconds")]

    def best(self, network):
        """PyTorch's fastest form and its milliseconds, or None."""
        forms = {form: self.step(network, form) for form in FORMS}
        measured = [form for form in forms if forms[form]]
        if not measured:
            return None
        form = min(measured, key=lambda form: statistics.median(forms[form]))
        return form, forms[form]

    def failed(self, network, form):
        return bool(glob.glob(f"{glob.escape(self.folder)}/{network}.{form}.*.json.log"))


def shown(value):
    return f"{value:,.0f}" if value >= 1e4 else f"{value:.4g}"


def cell(values):
    return f"{shown(min(values))} / {shown(statistics.median(values))}" if values else NOTHING


def ratio(slower, faster):
    return f"{statistics.median(slower) / statistics.median(faster):.2f}" if slower and faster else NOTHING


def percent(values):
    return f"{100 * statistics.median(values):.1f} %" if values else NOTHING


def table(*rows):
    """Prints a table whose first row is the header, if it has more than that."""
    if len(rows) > 1:
        print()
        for i, row in enumerate(rows):
            print("| " + " | ".join(row) + " |")
            if i == 0:
                print("|:---" + "|---:" * (len(row) - 1) + "|")


def steps(figures):
    rows = [("training step, ms", "old", "dirbench", "GFLOP/s", "of a product", "best PyTorch", "form", "ratio", "old/new")]
    for network, title in NETWORKS.items():
        best = figures.best(network)
        for side in "go", "xla":
            ours = figures.step(network, side)
            if not ours:
                continue
            old = figures.step(network, "old") if side == "go" else []
            form, theirs = best or (None, [])
            gflops, share = (figures.values(f"{network}.{side}", key) for key in ("gflops", "peak_share"))
            rows.append((f"{title}, {side}", cell(old), cell(ours), f"{statistics.median(gflops):.3g}", percent(share),
                         cell(theirs), FORMS.get(form, NOTHING), ratio(theirs, ours), ratio(old, ours)))
    return rows


def form_cell(figures, network, form):
    """A form's milliseconds, with the places where torch.compile gave up, if any."""
    values = figures.step(network, form)
    if not values:
        return "failed" if figures.failed(network, form) else NOTHING
    breaks = max(figures.values(f"{network}.{form}", "graph_breaks"))
    return cell(values) + (f" ({breaks} graph break{'s' * (breaks > 1)})" if breaks else "")


def forms(figures):
    rows = [("PyTorch's step, ms", *FORMS.values())]
    for network, title in NETWORKS.items():
        if figures.best(network):
            rows.append((title, *(form_cell(figures, network, form) for form in FORMS)))
    return rows


def runs(figures):
    rows = [("runs of a small table a minute", "old", "dirbench", "new/old")]
    old, ours = figures.values("runs.old", "a_minute"), figures.values("runs.go", "a_minute")
    if ours:
        rows.append(("real-estate, scale tiny", cell(old), cell(ours), ratio(ours, old)))
    return rows


def pipeline(figures):
    rows = [("JPEGs to batches of 224×224, images/s", "dirbench", "PyTorch", "ratio")]
    for title, ours, theirs in (("first epoch", "pipeline_first", "first_epoch"), ("later epochs", "pipeline_float", "later_epochs")):
        ours, theirs = figures.values("pipeline.go", ours), figures.values("pipeline.torch", theirs)
        if ours:
            rows.append((title, cell(ours), cell(theirs), ratio(ours, theirs)))
    return rows


def epoch(figures):
    rows = [("more of an epoch", "FDS online", "FDS second pass", "the original's FDS", "outside the device")]
    for network, title in NETWORKS.items():
        if figures.step(network, "go"):
            ours = (percent(figures.values(f"{network}.go", key)) for key in ("fds_online", "fds_pass"))
            original, overhead = figures.values(f"{network}.fds", "share"), figures.values(f"{network}.go", "overhead")
            rows.append((title, *ours, percent(original), percent(overhead)))
    return rows


def main():
    figures = Figures(sys.argv[1])
    with open(os.path.join(figures.folder, "versions"), encoding="utf8") as f:
        print(f.read(), end="")
    for part in steps, forms, runs, pipeline, epoch:
        table(*part(figures))


if __name__ == "__main__":
    main()
