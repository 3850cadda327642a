"""The jobInfo: one model for both serializations."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from datetime import datetime
from functools import cache
from typing import Any, ClassVar, Generic, TypeVar, overload

from jobinfo_conformance._contract.document import Reading
from jobinfo_conformance._contract.field_types import BOOLEAN, INSTANT, TEXT, VERSION, WHOLE, FieldType
from jobinfo_conformance._contract.serialization import Serialization
from jobinfo_conformance._contract.versions import EARLIEST, TIMES_SINCE, Version
from jobinfo_conformance._finding import Unreadable

T = TypeVar("T")

NAMESPACE = "http://www.force.com/2009/06/asyncapi/dataload"

#: The fields that a client sets when it creates a job.
SETTINGS = ("operation", "object", "externalIdFieldName", "concurrencyMode", "contentType", "assignmentRuleId")
#: The values of fields that the create leaves out.
DEFAULT_SETTINGS = {"concurrencyMode": "Parallel", "contentType": "XML"}


class Field(Generic[T]):
    """A field of jobInfo that every answer has.

    Its name on the wire follows from the attribute: ``number_batches_total`` is ``numberBatchesTotal``.
    """

    optional: ClassVar[bool] = False

    def __init__(self, type_: FieldType[T], *, since: Version = EARLIEST, json_only: bool = False) -> None:
        self.type = type_
        self.since = since
        self.json_only = json_only

    def __set_name__(self, owner: type[JobInfo], attribute: str) -> None:
        first, *rest = attribute.split("_")
        self.name = first + "".join(word.capitalize() for word in rest)
        owner.FIELDS[self.name] = self

    @overload
    def __get__(self, job: None, owner: type[JobInfo]) -> Field[T]: ...
    @overload
    def __get__(self, job: JobInfo, owner: type[JobInfo]) -> T: ...
    def __get__(self, job: JobInfo | None, owner: type[JobInfo]) -> Field[T] | T:
        if job is None:
            return self
        return job.value(self.name)  # type: ignore[no-any-return]  # the mapping is typed by the fields


class OptionalField(Field[T | None]):
    """A field that may be absent, or null in JSON: None either way."""

    optional: ClassVar[bool] = True

    def __init__(self, type_: FieldType[T], *, json_only: bool = False) -> None:
        # A FieldType[T] passes for one of T | None: None is never read or written through it.
        super().__init__(type_, json_only=json_only)  # type: ignore[arg-type]


class JobInfo(Mapping[str, Any]):
    """A job as an answer shows it: a mapping from wire names to values, with an attribute for each field.

    The class body is the contract's table of fields, in the order of XML. An attribute raises `Unreadable` if its
    field was absent or unreadable. Instances are immutable; `replace` makes a changed copy. Times are in milliseconds.

        >>> job = JobInfo({"id": "750D0000000002lIAA", "state": "Open", "numberBatchesTotal": 1})
        >>> job.number_batches_total, job.replace(state="Closed")["state"]
        (1, 'Closed')
    """

    FIELDS: ClassVar[dict[str, Field[Any]]] = {}

    id = Field(TEXT)
    operation = Field(TEXT)
    object = Field(TEXT)
    created_by_id = Field(TEXT)
    created_date = Field[datetime](INSTANT)
    system_modstamp = Field[datetime](INSTANT)
    state = Field(TEXT)
    external_id_field_name = OptionalField(TEXT)
    concurrency_mode = Field(TEXT)
    content_type = Field(TEXT)
    number_batches_queued = Field(WHOLE)
    number_batches_in_progress = Field(WHOLE)
    number_batches_completed = Field(WHOLE)
    number_batches_failed = Field(WHOLE)
    number_batches_total = Field(WHOLE)
    number_records_processed = Field(WHOLE)
    number_retries = Field(WHOLE)
    api_version = Field(VERSION)
    assignment_rule_id = OptionalField(TEXT)
    number_records_failed = Field(WHOLE, since=TIMES_SINCE)
    total_processing_time = Field(WHOLE, since=TIMES_SINCE)
    api_active_processing_time = Field(WHOLE, since=TIMES_SINCE)
    apex_processing_time = Field(WHOLE, since=TIMES_SINCE)
    fast_path_enabled = OptionalField(BOOLEAN, json_only=True)

    def __init__(self, values: Mapping[str, Any]) -> None:
        """Make a job from values by wire name; optional fields that are left out are None."""
        if not values.keys() <= self.FIELDS.keys():
            raise TypeError(f"jobInfo has no field {', '.join(sorted(values.keys() - self.FIELDS.keys()))}")
        self._values = {**_absent_fields(), **values}

    def __getitem__(self, name: str) -> Any:
        return self._values[name]

    def __contains__(self, name: Any) -> bool:
        return name in self._values

    def __iter__(self) -> Iterator[str]:
        return (name for name in self.FIELDS if name in self._values)

    def __len__(self) -> int:
        return len(self._values)

    def __hash__(self) -> int:
        return hash(tuple(self._values.get(name) for name in self.FIELDS))

    def __repr__(self) -> str:
        return f"JobInfo({dict(self)})"

    def value(self, name: str) -> Any:
        """Return the value of a field. Raises Unreadable."""
        try:
            return self._values[name]
        except KeyError:
            raise Unreadable(name) from None

    def several(self, names: Iterable[str]) -> tuple[Any, ...]:
        """Return the values of these fields. Raises KeyError."""
        return tuple(map(self._values.__getitem__, names))

    def get(self, name: str, default: Any = None) -> Any:
        """Return the value of a field, or a default."""
        return self._values.get(name, default)

    def replace(self, **changes: Any) -> JobInfo:
        """Return a copy with other values, by attribute: ``job.replace(state="Open")``."""
        return JobInfo({**self._values, **{getattr(JobInfo, name).name: value for name, value in changes.items()}})

    @classmethod
    def of(cls, reading: Reading) -> JobInfo:
        """Make a job from what was read, with each field that has a readable value."""
        values = {}
        is_json = reading.serialization is Serialization.JSON
        for name, raw in reading.fields.items():
            field = cls.FIELDS.get(name)
            if field is not None and raw is not None:
                try:
                    values[name] = field.type.from_json(raw) if is_json else field.type.from_xml(str(raw))
                except ValueError:  # the requirements of the family schema judge it
                    continue
        return cls(values)


@cache
def _absent_fields() -> dict[str, None]:
    """The optional fields, as they are if an answer leaves them out."""
    return {name: None for name, field in JobInfo.FIELDS.items() if field.optional}
