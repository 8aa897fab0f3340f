from pathlib import Path

import pytest


@pytest.fixture(scope="session")
def checkpoint(tmp_path_factory) -> Path:
    import small

    folder = tmp_path_factory.mktemp("checkpoint")
    small.save(folder)
    return folder
