"""Files in a folder of this machine."""

from __future__ import annotations

import os
import tempfile
from pathlib import Path

from foundation.storage.errors import StoreError


class LocalStore:
    """Keeps each key as a file below `folder`; a file appears whole or not at all."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder.resolve()

    def put(self, key: str, data: bytes, content_type: str) -> None:  # the key says the type
        path = self._path(key)
        try:
            path.parent.mkdir(parents=True, exist_ok=True)
            handle, partial = tempfile.mkstemp(dir=path.parent, prefix=".partial-")
            try:
                with os.fdopen(handle, "wb") as target:
                    target.write(data)
                Path(partial).chmod(0o640)
                Path(partial).replace(path)
            except OSError:
                Path(partial).unlink(missing_ok=True)
                raise
        except OSError as error:
            raise StoreError(key=key) from error

    def get(self, key: str) -> bytes | None:
        try:
            return self._path(key).read_bytes()
        except (FileNotFoundError, IsADirectoryError, NotADirectoryError):
            return None
        except OSError as error:
            raise StoreError(key=key) from error

    def delete(self, key: str) -> None:
        try:
            self._path(key).unlink(missing_ok=True)
        except OSError as error:
            raise StoreError(key=key) from error

    def _path(self, key: str) -> Path:
        path = self.folder / key
        if ".." in path.parts or not path.is_relative_to(self.folder):
            raise ValueError(f"{key!r} is not a key")
        return path
