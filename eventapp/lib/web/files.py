"""Static files, sent compressed to those who take it, where the build has put a `.gz` beside them."""

from __future__ import annotations

import os
from collections.abc import Mapping
from typing import Any

from whitenoise import WhiteNoise


class Files(WhiteNoise):  # type: ignore[misc]  # the package has no types
    """WhiteNoise, but for a `.gz` older than its file: a sheet edited since the build is never answered as it was before."""

    def get_static_file(self, path: str, url: str, stat_cache: Mapping[str, os.stat_result] | None = None) -> Any:
        """The file with its compressed form, if that is as new as the file."""
        known = stat_cache or {}
        if path + ".gz" in known and known[path + ".gz"].st_mtime_ns < known[path].st_mtime_ns:
            known = {path: known[path]}
        return super().get_static_file(path, url, stat_cache=known or None)
