#!/usr/bin/env python3
"""Writes sizes.json: what each package of a lock weighs, compressed (its wheel) and unpacked.

`npx buildx-on-eks layers --measure` runs it: that reads the lock, downloads the wheels, and hands over the pins.

A wheel belongs to a package when it has one of the package's hashes. The sizes are those of the files in the wheel;
what an installer adds (bytecode, RECORD) is not in them. A path that two wheels write with different content ends it:
which of them an image had would be chance.
"""

import argparse
import hashlib
import json
import os
import pathlib
import sys
import zipfile


class Problem(Exception):
    """An error for the user: one line, no stack trace."""


def sha256(path):
    digest = hashlib.sha256()
    with path.open("rb") as file:
        while chunk := file.read(1 << 20):
            digest.update(chunk)
    return f"sha256:{digest.hexdigest()}"


def measure(pins, folder):
    wheels = {sha256(path): path for path in sorted(folder.glob("*.whl"))}
    problems = []
    packages = []
    written = {}
    for pin in pins["packages"]:
        name = pin["name"]
        path = next((wheels[digest] for digest in pin["hashes"] if digest in wheels), None)
        if path is None:
            problems.append(f"{name}=={pin['version']} has no wheel with one of the lock's hashes in {folder}")
            continue
        with zipfile.ZipFile(path) as archive:
            files = [entry for entry in archive.infolist() if not entry.is_dir()]
        for entry in files:
            other, crc = written.setdefault(entry.filename, (name, entry.CRC))
            if crc != entry.CRC:
                problems.append(f"{other} and {name} both write {entry.filename}, with different content: leave one out")
        packages.append(
            {
                "name": name,
                "version": pin["version"],
                "compressedBytes": path.stat().st_size,
                "unpackedBytes": sum(entry.file_size for entry in files),
                "files": len(files),
            }
        )
    if problems:
        raise Problem("; ".join(problems[:20]) + (f"; and {len(problems) - 20} more" if len(problems) > 20 else ""))
    return {
        "python": pins["python"],
        "compressedBytes": sum(package["compressedBytes"] for package in packages),
        "unpackedBytes": sum(package["unpackedBytes"] for package in packages),
        "files": sum(package["files"] for package in packages),
        "packages": packages,
    }


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("wheels", type=pathlib.Path, help="folder with the wheels")
    parser.add_argument("--pins", type=pathlib.Path, required=True, help="JSON: python, and name, version and hashes of packages")
    parser.add_argument("--output", type=pathlib.Path, required=True)
    options = parser.parse_args()
    sizes = measure(json.loads(options.pins.read_text(encoding="utf-8")), options.wheels)
    partial = options.output.with_name(f".{options.output.name}.draft")
    partial.write_text(json.dumps(sizes, indent=2) + "\n", encoding="utf-8")
    os.replace(partial, options.output)
    print(
        f"{len(sizes['packages'])} packages, {sizes['compressedBytes'] / 1e9:.2f} GB compressed,"
        f" {sizes['unpackedBytes'] / 1e9:.2f} GB unpacked"
    )


if __name__ == "__main__":
    try:
        main()
    except (Problem, OSError, zipfile.BadZipFile) as error:
        sys.exit(f"sizes.py: {error}")
