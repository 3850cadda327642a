"""How a request carries its session, and stand-ins for requests that must be refused."""

from __future__ import annotations

#: The documented header.
SESSION_HEADER = "X-SFDC-Session"
#: A session that nobody has.
WRONG_SESSION = "00D000000000000!NOBODYS.SESSION"
#: Stands for the value of the header in a request that is sent without one.
NO_SESSION = "[no session]"
