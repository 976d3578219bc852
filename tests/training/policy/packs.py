"""The pack the tests read, and its notices as they are written."""

from pathlib import Path

from training.policy.pack import Pack
from training.policy.queries import load_pack

FOLDER = Path(__file__).parents[3] / "packs" / "chongqing"


def chongqing() -> Pack:
    return load_pack(FOLDER)
