"""Lets vLLM run a DiffusionGemma on a CPU with the packages that PyPI has: Python reads this at its start when this folder is on its path.

Triton's kernels are interpreted (see `interpreted_triton`), and nothing is compiled: compiling takes longer than a small model.
PyPI has torchvision for CUDA only: beside a CPU torch its operators do not load, and its import fails because it describes two of them.
vLLM needs the import, and neither operator. Declaring them first is enough; a `+cpu` build of torchvision is left alone.
"""

import importlib.abc
import importlib.metadata
import os
import sys

os.environ |= {
    "TRITON_INTERPRET": "1", "TORCHDYNAMO_DISABLE": "1", "VLLM_USE_V2_MODEL_RUNNER": "1", "VLLM_CPU_KVCACHE_SPACE": "1",
    "VLLM_ENABLE_V1_MULTIPROCESSING": "0", "VLLM_PLUGINS": "structdiff", "VLLM_NO_USAGE_STATS": "1", "HF_HUB_OFFLINE": "1",
    "NUMBA_CACHE_DIR": os.path.join(sys.prefix, "numba")}       # beside the code, another version of Numba would overwrite it


class _BeforeTorchvision(importlib.abc.MetaPathFinder):
    def find_spec(self, name, path=None, target=None):
        if name == "torchvision":
            sys.meta_path.remove(self)
            if not importlib.metadata.version(name).endswith("+cpu"):
                from torch import library

                for operator in ("nms", "qnms"):
                    library.define(f"torchvision::{operator}", "(Tensor dets, Tensor scores, float iou_threshold) -> Tensor")


sys.meta_path.insert(0, _BeforeTorchvision())
