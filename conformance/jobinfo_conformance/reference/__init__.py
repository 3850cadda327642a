"""The reference implementation: a model of the contract that can be run, and read to learn the API."""

from jobinfo_conformance.reference.server import serving
from jobinfo_conformance.reference.service import ANY_SESSION, Service

__all__ = ["ANY_SESSION", "Service", "serving"]
