"""Which stack a test is for, and which tests are left for those who ask."""

import os
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


@pytest.fixture
def long(full):
    if not os.environ.get("OBROLAN_TEST_LONG"):
        pytest.skip("takes a minute or two: run it with OBROLAN_TEST_LONG=1 OBROLAN_TEST_STACK=full")
