"""The file of all findings: NDJSON or Parquet, in the order of the archive, written whole or not at all."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from tempfile import TemporaryDirectory

from jobinfo_conformance._audit.engine import connected, literal
from jobinfo_conformance._audit.rows import Row
from jobinfo_conformance._bad_input import BadInput
from jobinfo_conformance._files.whole import check_file, told_if_unwritable

_FORMATS = {".ndjson": "json", ".jsonl": "json", ".parquet": "parquet"}
_TYPES = ", ".join(f"'{name}': '{'BIGINT' if name == 'entry' else 'VARCHAR'}'" for name in Row.__struct_fields__)


class FindingsFile:
    """A file of findings that does not exist yet, or is written anew."""

    def __init__(self, path: Path) -> None:
        """Raises BadInput if its name does not say what to write, or its folder can't be written into."""
        if path.suffix.lower() not in _FORMATS:
            raise BadInput(f"--findings {path}: its name must end in .ndjson or .parquet")
        with told_if_unwritable(f"--findings {path} can't be written"):
            check_file(path, regular=True)
        self._path = path

    def write(self, parts: Sequence[Path]) -> None:
        """Write the findings in these files, each of which has a row in JSON on each line. Raises BadInput if that fails."""
        with told_if_unwritable(f"--findings {self._path} can't be written"):
            self._write(parts)

    def _write(self, parts: Sequence[Path]) -> None:
        form = _FORMATS[self._path.suffix.lower()]
        with TemporaryDirectory(dir=self._path.parent, prefix=".unfinished-") as folder, connected(Path(folder)) as engine:
            unfinished = Path(folder) / self._path.name
            rows = f"read_json(?, format = 'newline_delimited', hive_partitioning = false, columns = {{{_TYPES}}})"
            query = f"""COPY (SELECT * FROM {rows} ORDER BY ALL)
                TO {literal(unfinished)} (FORMAT {form})"""  # noqa: S608  # the path is quoted, all else is ours
            engine.execute(query, [[str(part) for part in parts]])
            unfinished.replace(self._path)
