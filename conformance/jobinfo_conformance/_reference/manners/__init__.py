"""Manners: named ways to answer that are unusual and legal, such as conforming servers have."""

from jobinfo_conformance._reference.manners import batches, http, jobs, json, media_types, refusals, requests, xml

#: The families of manners, in the order of the catalogue.
FAMILIES = (http, media_types, xml, json, jobs, batches, requests, refusals)
