"""Which stack a test is for."""

import shutil

import pytest

from tests.services import workplace


@pytest.fixture
def folder():
    made = workplace("chaos-")
    yield made
    shutil.rmtree(made, ignore_errors=True)


@pytest.fixture
def full(stack):
    if not stack.full:
        pytest.skip("runs on the full stack")


@pytest.fixture
def embedded(stack):
    if stack.full:
        pytest.skip("runs on the embedded stack")
