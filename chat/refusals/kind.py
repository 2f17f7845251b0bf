"""The type of the entries of REFUSALS."""

from typing import NamedTuple


class Kind(NamedTuple):
    message: str
    status: int = 422  # HTTP status
    retry: bool = False  # whether the same command may be accepted later
