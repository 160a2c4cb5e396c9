"""Writes tables as pandas, Polars, DuckDB, PyArrow and Hugging Face datasets write them.

Usage: pip install pandas pyarrow polars duckdb datasets pillow
  python ci/make_foreign_tables.py                      writes datasets/convert/testdata/tables
  python ci/make_foreign_tables.py ABALONE.csv FOLDER   writes the table as FOLDER/abalone/*, and a set of images as FOLDER/images/*
"""

import csv
import io
import json
import os
import shutil
import sys
from decimal import Decimal

import datasets
import duckdb
import pandas as pd
import polars as pl
import pyarrow as pa
import pyarrow.csv
import pyarrow.feather
import pyarrow.parquet
from PIL import Image

HERE = os.path.dirname(os.path.abspath(__file__))
OUT = os.path.join(HERE, "..", "datasets", "convert", "testdata", "tables")
ROWS = 12


def picture(i):
    file = io.BytesIO()
    Image.new("L", (2, 2), 20 * i).save(file, "png")
    return file.getvalue()


ROW = range(ROWS)
IDS = [f"row-{i}" for i in ROW]
LABELS = [0.25 * i - 1 for i in ROW]
SPLITS = [["train", "val", "test"][i % 3] for i in ROW]
FIRST = [f"a man {i}" for i in ROW]
SECOND = ["ein Mädchen, das lange genug ist"] * ROWS
SERIES = [[i / 4, -1.0, 2.0 * i] for i in ROW]
PATHS = [f"pictures/{i}.png" for i in ROW]
BYTES = [picture(i) for i in ROW]
BOTH = [{"bytes": b, "path": p} for b, p in zip(BYTES, PATHS)]


def at(name):
    return os.path.join(OUT, name)


def columns(images):
    return {"id": IDS, "label": LABELS, "split": SPLITS, "first": FIRST, "second": SECOND, "series": SERIES, "image": images}


def with_pandas():
    frame = pd.DataFrame(columns(BYTES))
    frame["split"] = frame["split"].astype("category")
    frame.to_parquet(at("pandas.parquet"))
    frame.to_feather(at("pandas.feather"))
    text = pd.DataFrame(columns(PATHS))
    text["series"] = text["series"].map(json.dumps)
    text.to_csv(at("pandas.csv"), index=False, encoding="utf-8-sig")
    text.to_csv(at("pandas.tsv"), index=False, sep="\t", quoting=3)
    lines = pd.DataFrame(columns(PATHS))
    lines.to_json(at("pandas.jsonl"), orient="records", lines=True)


def with_polars():
    frame = pl.DataFrame(columns(BOTH)).with_columns(
        pl.col("label").cast(pl.Decimal(8, 2)), pl.col("split").cast(pl.Categorical), pl.col("series").cast(pl.Array(pl.Float32, 3))
    )
    frame.write_parquet(at("polars.parquet"))
    frame.write_ipc(at("polars.arrow"), compression="zstd")
    frame.write_ipc_stream(at("polars-stream.arrow"))


def with_duckdb():
    source = pa.table(columns(BYTES))
    duckdb.register("source", source)
    duckdb.sql(
        f"""copy (select id, label::decimal(9, 4) as label, split, first, second, series::float[] as series,
        {{'path': null::varchar, 'bytes': image}} as image from source) to '{at("duckdb.parquet")}'"""
    )


def with_pyarrow():
    arrays = columns(BOTH)
    arrays["label"] = pa.array([Decimal(str(v)) for v in LABELS], pa.decimal128(20, 3))
    arrays["split"] = pa.array(SPLITS).dictionary_encode()
    arrays["first"] = pa.array(FIRST, pa.large_string())
    arrays["series"] = pa.array(SERIES, pa.large_list(pa.float64()))
    table = pa.table(arrays)
    pa.parquet.write_table(table, at("pyarrow.parquet"), data_page_version="2.0", compression="gzip", store_decimal_as_integer=True, row_group_size=5)
    halves = table.set_column(1, "label", pa.array(LABELS, pa.float16())).set_column(3, "first", pa.array(FIRST, pa.string_view()))
    with pa.OSFile(at("pyarrow.arrow"), "wb") as file, pa.ipc.new_file(file, halves.schema, options=pa.ipc.IpcWriteOptions(compression="lz4")) as writer:
        writer.write_table(halves, max_chunksize=5)


def with_datasets():
    features = datasets.Features(
        id=datasets.Value("string"), label=datasets.Value("float64"), split=datasets.Value("string"), first=datasets.Value("string"),
        second=datasets.Value("string"), series=datasets.List(datasets.Value("float32")), image=datasets.Image(),
    )
    dataset = datasets.Dataset.from_dict(columns(BOTH), features=features)
    dataset.save_to_disk(at("hub"), num_shards=2)
    names = {"train": "train", "val": "validation", "test": "test"}
    parts = {new: dataset.filter(lambda row, old=old: row["split"] == old) for old, new in names.items()}
    for name, part in parts.items():
        part.to_parquet(at(f"shards/{name}-00000-of-00001.parquet"))


def formats(folder, columns):
    """Writes columns of numbers, text and bytes in every format that a writer has for them."""
    os.makedirs(folder)

    def at(name):
        return os.path.join(folder, name)

    binary = any(isinstance(values[0], (bytes, dict)) for values in columns.values())
    frame = pd.DataFrame(columns)
    frame["split"] = frame["split"].astype("category")
    frame.to_parquet(at("pandas.parquet"))
    frame.to_feather(at("pandas.feather"))
    polar = pl.DataFrame(columns).with_columns(pl.col("split").cast(pl.Categorical))
    polar.write_parquet(at("polars.parquet"))
    polar.write_ipc(at("polars.arrow"))
    polar.write_ipc(at("polars-zstd.arrow"), compression="zstd")
    polar.write_ipc_stream(at("polars-stream.arrow"))
    table = pa.table(columns)
    pa.parquet.write_table(table, at("pyarrow.parquet"), data_page_version="2.0", compression="gzip", row_group_size=700)
    for name, new in (("pyarrow.arrow", pa.ipc.new_file), ("pyarrow-stream.arrow", pa.ipc.new_stream)):
        with pa.OSFile(at(name), "wb") as file, new(file, table.schema) as writer:
            writer.write_table(table, max_chunksize=500)
    source = duckdb.from_arrow(table)
    source.write_parquet(at("duckdb.parquet"))
    hub = datasets.Dataset.from_dict(columns)
    hub.save_to_disk(at("hub"), num_shards=3)
    hub.to_parquet(at("hub.parquet"))
    if not binary:
        frame.to_csv(at("pandas.csv"), index=False, encoding="utf-8-sig")
        frame.to_csv(at("pandas.tsv"), index=False, sep="\t")
        frame.to_json(at("pandas.jsonl"), orient="records", lines=True)
        polar.write_csv(at("polars.csv"))
        polar.write_ndjson(at("polars.ndjson"))
        source.write_csv(at("duckdb.csv"))
        pa.csv.write_csv(table, at("pyarrow.csv"))
        hub.to_json(at("hub.jsonl"))
        hub.to_csv(at("hub.csv"))


def abalone(path, folder):
    with open(path) as file:
        rows = list(csv.DictReader(file))
    columns = {name: [row[name] for row in rows] for name in rows[0]}
    for name in columns:
        if name != "Sex":
            columns[name] = [int(v) if v.isdigit() else float(v) for v in columns[name]]
    columns = {name: list(map(float, values)) if float in map(type, values) else values for name, values in columns.items()}
    columns["split"] = [["train", "train", "val", "test"][i % 4] for i in range(len(rows))]
    formats(folder, columns)


def images(folder):
    count = 60
    columns = {"label": [i % 20 for i in range(count)], "split": [["train", "val", "test"][i % 3] for i in range(count)]}
    files = []
    for i in range(count):
        file = io.BytesIO()
        Image.new("RGB", (24, 24), (12 * (i % 20), 4 * i, 99)).save(file, "png")
        files.append(file.getvalue())
    formats(folder, columns | {"image": [{"bytes": data, "path": f"{i}.png"} for i, data in enumerate(files)]})
    paths = [f"pictures/{i}.png" for i in range(count)]
    os.makedirs(os.path.join(folder, "pictures"))
    for path, data in zip(paths, files):
        with open(os.path.join(folder, path), "wb") as file:
            file.write(data)
    named = pd.DataFrame(columns | {"image": paths})
    named.to_csv(os.path.join(folder, "paths.csv"), index=False)
    named.to_json(os.path.join(folder, "paths.jsonl"), orient="records", lines=True)
    named.to_parquet(os.path.join(folder, "paths.parquet"))
    features = datasets.Features(label=datasets.Value("int32"), split=datasets.Value("string"), image=datasets.Image())
    hub = datasets.Dataset.from_dict(columns | {"image": [{"bytes": data, "path": None} for data in files]}, features=features)
    hub.save_to_disk(os.path.join(folder, "hub-image"), num_shards=2)


def main():
    if len(sys.argv) == 3:
        abalone(sys.argv[1], os.path.join(sys.argv[2], "abalone"))
        images(os.path.join(sys.argv[2], "images"))
        return
    shutil.rmtree(OUT, ignore_errors=True)
    os.makedirs(at("pictures"))
    os.makedirs(at("shards"))
    for path, data in zip(PATHS, BYTES):
        with open(at(path), "wb") as file:
            file.write(data)
    for write in (with_pandas, with_polars, with_duckdb, with_pyarrow, with_datasets):
        write()


main()
