from __future__ import annotations

import clients
import pytest

from tasks import random_models


@pytest.fixture(scope="session")
def model():
    found = random_models.uniform(canvas=16)
    yield found
    clients.shop(found.vocab).close()
