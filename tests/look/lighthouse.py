"""Lighthouse on the lobby and on a room, as on a phone with a slow network."""

from __future__ import annotations

import json
import subprocess
import tempfile
from collections.abc import Iterator
from dataclasses import dataclass

from tests.ports import free_port

from .site import Look
from .tools import installed, node

CATEGORIES = ("performance", "accessibility", "best-practices")
LEAST = 97  # of 100
TIMEOUT = 180  # seconds


@dataclass
class Scores:
    page: str
    scores: dict[str, int]
    failed: list[str]  # audits below 0.9 of the categories below LEAST

    @property
    def passed(self) -> bool:
        return all(score >= LEAST for score in self.scores.values())


def measure(look: Look) -> Iterator[Scores]:
    port = free_port()
    program = installed("lighthouse") / "cli" / "index.js"
    with tempfile.TemporaryDirectory() as folder:
        context = look.profile(folder, port)  # Lighthouse opens its tabs in this profile, with its cookies
        try:
            for path in ("/", f"/rooms/{look.sample.kitchen.slug}/"):
                command = [
                    *node(program), look.url + path, f"--port={port}", "--quiet",
                    f"--only-categories={','.join(CATEGORIES)}", "--disable-storage-reset",
                    "--output=json", "--output-path=stdout",
                ]  # fmt: skip
                done = subprocess.run(command, stdout=subprocess.PIPE, check=True, timeout=TIMEOUT)
                yield read(path, json.loads(done.stdout))
        finally:
            context.close()


def read(page: str, report: dict) -> Scores:
    categories = report["categories"]
    scores = {name: round(categories[name]["score"] * 100) for name in CATEGORIES}
    failed = []
    for name in CATEGORIES:
        if scores[name] >= LEAST:
            continue
        for reference in categories[name]["auditRefs"]:
            audit = report["audits"][reference["id"]]
            if reference["weight"] and audit["score"] is not None and audit["score"] < 0.9:
                failed.append(f"{audit['id']}: {audit['title']} {audit.get('displayValue', '')}".strip())
    return Scores(page, scores, failed)
