#!/usr/bin/env python3
"""Writes facts.json: what one build job knows about itself and its image.

Reads the environment that the experiment's workflow sets and what build.sh left in $RECORD; asks buildx for versions
and the registry for the sizes of the pushed image. Exit code 0: written; 1: a fact could not be had, nothing written.
Needs nothing but Python 3.9 and docker buildx.
"""

import json
import os
import pathlib
import re
import subprocess
import sys

SCHEMA = 1
MEASURE = pathlib.Path(__file__).resolve().parents[1] / "image" / "measure.py"


class Problem(Exception):
    """An error for the user: one line, no stack trace."""


def run(*command):
    try:
        done = subprocess.run(command, capture_output=True, text=True, timeout=600)
    except FileNotFoundError:
        raise Problem(f"{command[0]} is not on the PATH: install it") from None
    except subprocess.TimeoutExpired:
        raise Problem(f"{' '.join(command[:3])} did not end within 600 s") from None
    if done.returncode != 0:
        raise Problem(f"{' '.join(command[:3])} failed: {' '.join(done.stderr.split())[-500:]}")
    return done.stdout


def found(pattern, text, what):
    match = re.search(pattern, text, re.MULTILINE)
    if not match:
        raise Problem(f"no version of {what} in: {' '.join(text.split())[:200]}")
    return match.group(1)


def versions(builder):
    return {
        "buildx": found(r"(v\d+\.\d+\.\d+\S*)", run("docker", "buildx", "version"), "buildx"),
        "buildkit": found(
            r"^BuildKit(?: version)?:\s*(\S+)", run("docker", "buildx", "inspect", builder), "BuildKit"
        ),
    }


def machine(env):
    """The machine that builds; where that is another than the job's, the workflow says what it is."""
    return {
        "cpus": int(env["MACHINE_CPUS"]) if env.get("MACHINE_CPUS") else os.cpu_count(),
        "memoryBytes": int(env["MACHINE_MEMORY_BYTES"]) if env.get("MACHINE_MEMORY_BYTES") else memory_bytes(),
        "instanceType": env.get("MACHINE_TYPE") or None,
        "region": env.get("MACHINE_REGION") or None,
    }


def memory_bytes():
    text = pathlib.Path("/proc/meminfo").read_text(encoding="ascii")
    return int(found(r"^MemTotal:\s+(\d+) kB", text, "MemTotal")) * 1024


def image(env, record):
    metadata = json.loads((record / "metadata.json").read_text(encoding="utf-8"))
    digest = metadata["containerimage.digest"]
    reference = f"{env['REPOSITORY_URL']}:{env['TAG']}"
    platform = env.get("PLATFORM") or "linux/amd64"
    measured = json.loads(
        run(sys.executable, str(MEASURE), f"{env['REPOSITORY_URL']}@{digest}", "--platform", platform)
    )
    size = record / "size.json"
    unpacked = json.loads(size.read_text(encoding="utf-8"))["unpackedBytes"] if size.exists() else None
    return {
        "reference": reference,
        "digest": digest,
        "compressedBytes": measured["compressedBytes"],
        "unpackedBytes": unpacked,
        "layers": [layer["compressedBytes"] for layer in measured["layers"]],
    }


def facts(env):
    record = pathlib.Path(env["RECORD"])
    return record, {
        "schema": SCHEMA,
        "environment": env["ENVIRONMENT"],
        "configuration": env["CONFIGURATION"],
        "round": int(env["ROUND"]),
        "experiment": env["EXPERIMENT"],
        "cache": env["CACHE"],
        "output": env["OUTPUT"],
        "dockerfile": env["IMAGE"],
        "startedAt": (record / "started").read_text(encoding="ascii").strip(),
        "finishedAt": (record / "finished").read_text(encoding="ascii").strip(),
        "machine": machine(env),
        "limits": {"cpus": float(env["BUILD_CPUS"]), "memoryBytes": int(env["BUILD_MEMORY_BYTES"])},
        "versions": versions(env["BUILDER"]),
        "image": image(env, record),
    }


def main():
    try:
        record, result = facts(os.environ)
    except Problem as problem:
        sys.exit(f"::error::{problem}")
    except KeyError as missing:
        sys.exit(f"::error::{missing.args[0]} is missing: this runs after build.sh in the experiment's workflow")
    except OSError as error:
        sys.exit(f"::error::{error.filename} cannot be read ({error.strerror}): this runs after build.sh has pushed an image")
    except ValueError as error:
        sys.exit(f"::error::a fact cannot be read: {error}")
    partial = record / "facts.json.partial"
    partial.write_text(json.dumps(result, indent=2) + "\n", encoding="utf-8")
    partial.replace(record / "facts.json")


if __name__ == "__main__":
    main()
