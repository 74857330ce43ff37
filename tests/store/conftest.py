"""A store of objects of its own for one test."""

import pytest

from tests.support.acts.local_storage import local_storage_at


@pytest.fixture(scope="module")
def storage(settings):
    storage = local_storage_at(settings.s3_endpoint_url, settings)
    storage.ensure_bucket()
    return storage
