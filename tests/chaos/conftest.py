"""Fixtures of the chaos tests: a temporary directory, and the stack that a test requires."""

import shutil

import pytest

from tests.services import workplace


@pytest.fixture
def folder():
    path = workplace("chaos-")
    yield path
    shutil.rmtree(path, ignore_errors=True)


@pytest.fixture
def full(stack):
    """Skip the test on the embedded stack."""
    if not stack.full:
        pytest.skip("runs on the full stack")


@pytest.fixture
def embedded(stack):
    """Skip the test on the full stack."""
    if stack.full:
        pytest.skip("runs on the embedded stack")
