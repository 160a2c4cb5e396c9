"""Compares the rate of a training with its data path with that on a batch in the device's memory.

    python3 real_path.py EVENTS.jsonl BENCH.json TRAINED VALIDATED

EVENTS is a run's log, BENCH the output of `dirbench bench --json` of the same network, batch and precision; TRAINED and VALIDATED are
samples in an epoch. A validated sample counts as a third of a trained one: the forward pass alone. The best epoch after the
first counts, which compiles. Prints a row of ci/torch/gpu_table.sh's table.
"""
import json
import sys


def main():
    events, bench, trained, validated = sys.argv[1:]
    with open(events, encoding="utf8") as f:
        seconds = [json.loads(line)["seconds"] for line in f][1:]
    with open(bench, encoding="utf8") as f:
        memory = json.load(f)[0]["samples_per_second"]
    if not seconds:
        raise SystemExit(f"{events}: expected two epochs or more")
    rate = (int(trained) + int(validated) / 3) / min(seconds)
    print(f"| real data path against data in the device's memory | {rate:.4g} /s | {memory:.4g} /s | {rate / memory:.2f} |")


if __name__ == "__main__":
    main()
