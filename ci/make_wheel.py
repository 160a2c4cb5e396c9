"""Makes a wheel of a built program, so that pip and uvx install it. Needs nothing but Python.

    python3 ci/make_wheel.py BINARY VERSION TAG OUT

TAG is the wheel's platform, such as manylinux_2_34_x86_64; several are joined by dots. Prints the wheel's path. The same
binary gives the same bytes.
"""
import base64
import hashlib
import os
import pathlib
import re
import sys
import zipfile

ROOT = pathlib.Path(__file__).resolve().parent.parent
METADATA = """Metadata-Version: 2.4
Name: dirbench
Version: {version}
Summary: Benchmarks for deep imbalanced regression: train, score and compare methods by many-, medium- and few-shot region
Home-page: https://github.com/dirbench/dirbench
License-Expression: MIT
License-File: LICENSE
Description-Content-Type: text/markdown

{readme}"""
WHEEL = """Wheel-Version: 1.0
Generator: ci/make_wheel.py
Root-Is-Purelib: false
"""


def main(binary, version, platform, out):
    if not re.fullmatch(r"\d+(\.\d+)*((a|b|rc)\d+)?(\.post\d+)?(\.dev\d+)?", version):
        sys.exit(f"version {version}: expected one that pip knows, such as 0.1.0 or 0.1.0rc1")
    info, data = f"dirbench-{version}.dist-info", f"dirbench-{version}.data"
    tags = "".join(f"Tag: py3-none-{p}\n" for p in platform.split("."))
    name = "dirbench.exe" if platform.startswith("win") else "dirbench"
    readme = (ROOT / "README.md").read_text(encoding="utf8")
    files = [
        (f"{data}/scripts/{name}", pathlib.Path(binary).read_bytes(), 0o755),
        (f"{info}/METADATA", METADATA.format(version=version, readme=readme).encode(), 0o644),
        (f"{info}/WHEEL", (WHEEL + tags).encode(), 0o644),
        (f"{info}/licenses/LICENSE", (ROOT / "LICENSE").read_bytes(), 0o644),
    ]
    record = ""
    for path, content, _ in files:
        digest = base64.urlsafe_b64encode(hashlib.sha256(content).digest()).rstrip(b"=").decode()
        record += f"{path},sha256={digest},{len(content)}\n"
    files.append((f"{info}/RECORD", f"{record}{info}/RECORD,,\n".encode(), 0o644))
    wheel = os.path.join(out, f"dirbench-{version}-py3-none-{platform}.whl")
    with zipfile.ZipFile(wheel, "w", zipfile.ZIP_DEFLATED) as archive:
        for path, content, mode in files:
            entry = zipfile.ZipInfo(path, (1980, 1, 1, 0, 0, 0))
            entry.external_attr, entry.compress_type, entry.create_system = (0o100000 | mode) << 16, zipfile.ZIP_DEFLATED, 3
            archive.writestr(entry, content)
    print(wheel)


if __name__ == "__main__":
    main(*sys.argv[1:])
