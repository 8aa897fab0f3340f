"""One tiny checkpoint a family, loaded once."""

from __future__ import annotations

import pytest
from transformers import dynamic_module_utils

import structdiff
import tiny_checkpoints
from tiny_checkpoints import BRINGS_CODE, LIBRARY


@pytest.fixture(scope="session")
def code_cache(tmp_path_factory):
    """Where transformers copies the code of checkpoints: a folder of this run's own."""
    folder = tmp_path_factory.mktemp("modules")
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(dynamic_module_utils, "HF_MODULES_CACHE", str(folder))
        patch.syspath_prepend(str(folder))
        yield folder


@pytest.fixture(scope="session")
def checkpoint(tmp_path_factory):
    """Returns the folder of a family's checkpoint, written when it is first asked for."""
    folders = {}

    def folder(family: str):
        if family not in folders:
            folders[family] = tiny_checkpoints.save(family, tmp_path_factory.mktemp(family))
        return folders[family]

    return folder


@pytest.fixture(scope="session")
def loaded(checkpoint, code_cache):
    """Returns a family's denoiser, loaded when it is first asked for."""
    denoisers = {}

    def denoiser(family: str):
        if family not in denoisers:
            denoisers[family] = structdiff.load(checkpoint(family), trust_remote_code=family in BRINGS_CODE)
        return denoisers[family]

    return denoiser


@pytest.fixture(params=[*LIBRARY, *BRINGS_CODE])
def family(request) -> str:
    return request.param


@pytest.fixture
def denoiser(family, loaded):
    return loaded(family)
