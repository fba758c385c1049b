#!/usr/bin/env python3
"""Writes sizes.json: what each package of the lock weighs, compressed (its wheel) and unpacked.

    python3.12 sizes.py                                              # of the lock beside it
    python3.12 sizes.py --lock other/requirements.txt --output other/sizes.json

Downloads the wheels into a temporary folder with the pip of the Python that runs it: run it with the Python
that the lock is for. With a folder of wheels (pip download --no-deps -d FOLDER) it downloads nothing, and any
Python from 3.9 will do.

Every wheel is checked against the hashes of the lock. The sizes are those of the files in the wheel; what an
installer adds (bytecode, RECORD) is not in them. A path that several wheels write with different content is
named: one of them wins, the one that is installed last or lies in the upper layer of an image.
"""

import argparse
import hashlib
import json
import pathlib
import re
import subprocess
import sys
import tempfile
import zipfile

HERE = pathlib.Path(__file__).resolve().parent


class Problem(Exception):
    """An error for the user: one line, no stack trace."""


def normalized(name):
    return re.sub(r"[-_.]+", "-", name).lower()


def read_lock(path):
    packages = {}
    current = None
    for line in path.read_text(encoding="utf-8").splitlines():
        pin = re.match(r"([A-Za-z0-9][A-Za-z0-9._-]*)==([^\s;\\]+)", line)
        if pin:
            current = packages[normalized(pin[1])] = {"version": pin[2], "hashes": set()}
        if current is not None:
            current["hashes"].update(re.findall(r"--hash=sha256:([0-9a-f]{64})", line))
    if not packages:
        raise Problem(f"{path} pins no package: expected lines like name==1.0 with --hash=sha256:...")
    return packages


def sha256(path):
    digest = hashlib.sha256()
    with path.open("rb") as file:
        while chunk := file.read(1 << 20):
            digest.update(chunk)
    return digest.hexdigest()


def download(lock, folder):
    command = [sys.executable, "-m", "pip", "download", "--quiet", "--disable-pip-version-check", "--no-deps"]
    command += ["--only-binary", ":all:", "--require-hashes", "-r", str(lock), "-d", str(folder)]
    if subprocess.run(command).returncode != 0:
        raise Problem(f"pip could not download the wheels of {lock} for Python {sys.version_info[0]}.{sys.version_info[1]}")


def measure(lock, folder):
    wheels = {}
    for path in sorted(folder.glob("*.whl")):
        name, version = path.name.split("-")[:2]
        wheels[normalized(name), version] = path
    problems = []
    packages = []
    written = {}
    for name, pin in sorted(lock.items()):
        path = wheels.get((name, pin["version"]))
        if path is None:
            problems.append(f"{name}=={pin['version']} has no wheel in {folder}")
            continue
        if sha256(path) not in pin["hashes"]:
            problems.append(f"{path.name} has a hash that the lock does not hold")
            continue
        with zipfile.ZipFile(path) as archive:
            files = [entry for entry in archive.infolist() if not entry.is_dir()]
        for entry in files:
            other, crc = written.setdefault(entry.filename, (name, entry.CRC))
            if crc != entry.CRC:
                print(f"sizes.py: {other} and {name} both write {entry.filename}, with different content", file=sys.stderr)
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
        raise Problem("; ".join(problems))
    return {
        "compressedBytes": sum(package["compressedBytes"] for package in packages),
        "unpackedBytes": sum(package["unpackedBytes"] for package in packages),
        "files": sum(package["files"] for package in packages),
        "packages": packages,
    }


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("wheels", type=pathlib.Path, nargs="?", help="folder with the wheels (default: download them)")
    parser.add_argument("--lock", type=pathlib.Path, default=HERE / "requirements.txt")
    parser.add_argument("--output", type=pathlib.Path, default=HERE / "sizes.json")
    options = parser.parse_args()
    lock = read_lock(options.lock)
    if options.wheels:
        sizes = measure(lock, options.wheels)
    else:
        with tempfile.TemporaryDirectory() as folder:
            download(options.lock, folder)
            sizes = measure(lock, pathlib.Path(folder))
    options.output.write_text(json.dumps(sizes, indent=2) + "\n", encoding="utf-8")
    print(
        f"{len(sizes['packages'])} packages, {sizes['compressedBytes'] / 1e9:.2f} GB compressed,"
        f" {sizes['unpackedBytes'] / 1e9:.2f} GB unpacked"
    )


if __name__ == "__main__":
    try:
        main()
    except (Problem, OSError, zipfile.BadZipFile) as error:
        sys.exit(f"sizes.py: {error}")
