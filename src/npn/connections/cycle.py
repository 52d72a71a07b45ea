"""One request and its answer on a connection."""

from typing import TYPE_CHECKING

from uvicorn.protocols.http.httptools_impl import RequestResponseCycle

if TYPE_CHECKING:
    from uvicorn._types import ASGISendEvent


class Cycle(RequestResponseCycle):
    """uvicorn's, but that the protocol ends the connection and not the cycle: unread content may still be coming."""

    last = False  # the connection ends after this answer
    is_long = False  # the rest of the content may be more than is read past for the sake of the next request

    def end_after(self) -> None:
        """Take no further request on the connection."""
        if self.response_started:
            self.last = True
        else:
            self.keep_alive = False

    async def send(self, message: "ASGISendEvent") -> None:
        """Send a part of the answer.

        A caller who asked whether to send its content and gets an answer instead may send it anyway, or not:
        nobody can tell where the next request begins, so there is none. Nor is there one behind a content that is
        too long to be read past; the caller is told so with the answer.
        """
        if self.response_started or self.disconnected:
            await super().send(message)
            return
        if self.waiting_for_100_continue or (self.is_long and self.more_body):
            self.keep_alive = False
        await super().send(message)
        self.last = self.last or not self.keep_alive
        self.keep_alive = True
