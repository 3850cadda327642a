"""What a batch was sent as, and what came of it: the results that clients read before they close a job."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from xml.sax.saxutils import escape

from jobinfo_conformance._contract.document import JsonValue
from jobinfo_conformance._contract.ids import is_id, long_form, same_id
from jobinfo_conformance._contract.jobinfo import NAMESPACE
from jobinfo_conformance._contract.serialization import Serialization
from jobinfo_conformance._contract.writer import write_json
from jobinfo_conformance._exchange import Headers, Response
from jobinfo_conformance._reference.jobs import Batch, Job

_RESULT_PREFIX, _RECORD_PREFIX = "752", "001"
_SELECTED = re.compile(r"\s*select\s+(.+?)\s+from\s+(\w+)", re.IGNORECASE | re.DOTALL)
_DECLARATION = '<?xml version="1.0" encoding="UTF-8"?>\n'
_XSI = "http://www.w3.org/2001/XMLSchema-instance"

#: A row of results: the names and values of its columns.
_Row = Mapping[str, str]
#: The most records that a batch may have, as documented.
_MOST_RECORDS = 10_000
_InXml = Callable[[Sequence[_Row]], str]


def part_of_batch(media_type: str, body: bytes) -> Response:
    """The answer with a part of a batch in this media type."""
    return Response(200, Headers.of([("Content-Type", media_type)]), body)


@dataclass(frozen=True)
class BatchResults:
    """The results of a finished batch. Those of a query are listed, and hold the records that it found."""

    job: Job
    batch: Batch

    @property
    def listed(self) -> Response:
        """A row for each record that was written; for a query, the ids of its results."""
        if not self._is_query:
            return self._written([self._outcome(number) for number in self._numbers], self._outcomes_in_xml)
        if self._content == "JSON":
            return part_of_batch(Serialization.JSON.media_type, write_json([self._result_id]))
        listed = f'{_DECLARATION}<result-list xmlns="{NAMESPACE}"><result>{self._result_id}</result></result-list>\n'
        return part_of_batch(Serialization.XML.media_type, listed.encode())

    def has(self, result_id: str) -> bool:
        """Whether a query has a result with this id."""
        return self._is_query and is_id(result_id) and same_id(result_id, self._result_id)

    @property
    def records(self) -> Response:
        """The records that a query found."""
        selected = _SELECTED.match(self.batch.sent.decode("utf-8", "replace"))
        names = [name.strip() for name in selected[1].split(",")] if selected else ["Id"]
        rows = [
            {name: _id(_RECORD_PREFIX, number) if name.lower() == "id" else f"{name} {number}" for name in names}
            for number in self._numbers
        ]
        return self._written(rows, self._records_in_xml)

    @property
    def _numbers(self) -> range:
        """A number for each record; a batch that counts more than a batch can have shows the first of them."""
        return range(1, min(self.batch.records, _MOST_RECORDS) + 1)

    @property
    def _is_query(self) -> bool:
        return str(self.job.settings["operation"]).startswith("query")

    @property
    def _content(self) -> str:
        return str(self.job.settings["contentType"]).removeprefix("ZIP_")

    @property
    def _result_id(self) -> str:
        return long_form(_RESULT_PREFIX + self.batch.id[3:15])

    def _outcome(self, number: int) -> _Row:
        done = self.batch.outcome == "Completed"
        return {
            "Id": _id(_RECORD_PREFIX, number) if done else "",
            "Success": str(done).lower(),
            "Created": str(done and self.job.settings["operation"] in ("insert", "upsert")).lower(),
            "Error": "" if done else "InvalidBatch:Records not processed:--",
        }

    def _written(self, rows: Sequence[_Row], in_xml: _InXml) -> Response:
        """Rows in the job's own contentType."""
        if self._content == "CSV":
            names = list(rows[0]) if rows else ["Id"]
            lines = [names, *([row[name] for name in names] for row in rows)]
            text = "".join(",".join(f'"{value}"' for value in line) + "\n" for line in lines)
            return part_of_batch("text/csv", text.encode())
        if self._content == "JSON":
            return part_of_batch(Serialization.JSON.media_type, write_json([self._in_json(row) for row in rows]))
        return part_of_batch(Serialization.XML.media_type, f"{_DECLARATION}{in_xml(rows)}\n".encode())

    def _in_json(self, row: _Row) -> dict[str, JsonValue]:
        if self._is_query:
            return {"attributes": {"type": str(self.job.settings["object"])}, **row}
        errors: list[JsonValue] = [{"message": row["Error"], "fields": []}] if row["Error"] else []
        said: dict[str, JsonValue] = {name.lower(): row[name] == "true" for name in ("Success", "Created")}
        return {**said, "id": row["Id"] or None, "errors": errors}

    def _outcomes_in_xml(self, rows: Sequence[_Row]) -> str:
        results = "".join(
            f"<result>{_element('id', row['Id'])}{_element('success', row['Success'])}{_element('created', row['Created'])}"
            f"{'<errors>' + _element('message', row['Error']) + '</errors>' if row['Error'] else ''}</result>"
            for row in rows
        )
        return f'<results xmlns="{NAMESPACE}">{results}</results>'

    def _records_in_xml(self, rows: Sequence[_Row]) -> str:
        kind = _element("type", str(self.job.settings["object"]))
        records = "".join(
            f'<records xsi:type="sObject">{kind}{"".join(_element(name, value) for name, value in row.items())}</records>'
            for row in rows
        )
        return f'<queryResult xmlns="{NAMESPACE}" xmlns:xsi="{_XSI}">{records}</queryResult>'


def _id(prefix: str, number: int) -> str:
    return long_form(f"{prefix}{number:012}")


def _element(name: str, text: str) -> str:
    return f"<{name}>{escape(text)}</{name}>"
