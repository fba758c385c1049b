"""Imports the heavy packages, computes something with them and prints what is installed, as JSON.

Two images that print the same are the same to their user, however their layers were made: the
packages, their versions and working imports. Exit code 1 and one line on stderr when an import fails.
"""

import importlib
import importlib.metadata
import json
import platform
import sys

from app import __version__

HEAVY = ("numpy", "PIL", "safetensors", "sentencepiece", "tokenizers", "torch", "torchvision", "transformers", "accelerate")

# What installs the packages is not part of the workload: one way of building has pip, another has not.
INSTALLERS = {"pip", "uv"}


def normalized(name: str) -> str:
    return name.lower().replace("_", "-").replace(".", "-")


def packages() -> dict[str, str]:
    found = {normalized(d.metadata["Name"]): d.version for d in importlib.metadata.distributions()}
    return {name: found[name] for name in sorted(found) if name not in INSTALLERS}


def computed() -> dict[str, object]:
    import torch
    import torchvision
    import transformers

    boxes = torch.tensor([[0.0, 0.0, 10.0, 10.0], [1.0, 1.0, 10.0, 10.0], [20.0, 20.0, 30.0, 30.0]])
    kept = torchvision.ops.nms(boxes, torch.tensor([0.9, 0.8, 0.7]), 0.5)
    config = transformers.BertConfig(hidden_size=32, num_hidden_layers=1, num_attention_heads=2, intermediate_size=32)
    model = transformers.BertModel(config)
    shape = model(torch.ones((1, 4), dtype=torch.long)).last_hidden_state.shape
    return {"cuda": torch.version.cuda, "cudnn": torch.backends.cudnn.version(), "nms": kept.tolist(), "bert": list(shape)}


def main() -> int:
    for name in HEAVY:
        try:
            importlib.import_module(name)
        except Exception as error:  # a broken binary raises more than ImportError
            print(f"import {name} failed: {type(error).__name__}: {error}", file=sys.stderr)
            return 1
    report = {
        "app": __version__,
        "python": ".".join(platform.python_version_tuple()[:2]),
        "imports": sorted(HEAVY),
        "computed": computed(),
        "packages": packages(),
    }
    print(json.dumps(report, indent=2))
    return 0


if __name__ == "__main__":
    sys.exit(main())
