"""A real SMTP server on the loopback that keeps what it receives, and fails when told to."""

import asyncio
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from email import message_from_bytes, policy
from email.message import EmailMessage

from aiosmtpd.smtp import SMTP, Envelope, Session

ACCEPTED = "250 OK"


@dataclass(frozen=True)
class ReceivedMail:
    sender: str
    recipients: tuple[str, ...]
    raw: bytes

    @property
    def message(self) -> EmailMessage:
        message = message_from_bytes(self.raw, policy=policy.default)
        assert isinstance(message, EmailMessage)
        return message

    @property
    def text(self) -> str:
        """The plain-text part."""
        part = self.message.get_body(("plain",))
        assert part is not None
        return str(part.get_content())


@dataclass
class Mailbox:
    """What arrived, and how the server behaves.

    ``refusals`` are given one by one to the next messages (``451 …`` passes, ``550 …`` does not), ``refused``
    to each message for these addresses. With ``is_dropping``, a message is kept and the connection is cut
    before its acknowledgement: the sender cannot know.
    """

    host: str = "127.0.0.1"
    port: int = 0
    messages: list[ReceivedMail] = field(default_factory=list)
    refusals: list[str] = field(default_factory=list)
    refused: dict[str, str] = field(default_factory=dict)
    is_dropping: bool = False
    _loop: asyncio.AbstractEventLoop = field(default_factory=asyncio.new_event_loop)
    _server: asyncio.Server | None = None

    async def handle_RCPT(  # noqa: N802 (aiosmtpd's own name)
        self, server: SMTP, session: Session, envelope: Envelope, address: str, options: list[str]
    ) -> str:
        if address in self.refused:
            return self.refused[address]
        envelope.rcpt_tos.append(address)
        envelope.rcpt_options.extend(options)
        return ACCEPTED

    async def handle_DATA(self, server: SMTP, session: Session, envelope: Envelope) -> str:  # noqa: N802
        if self.refusals:
            return self.refusals.pop(0)
        content = envelope.original_content or b""
        self.messages.append(ReceivedMail(envelope.mail_from or "", tuple(envelope.rcpt_tos), content))
        if self.is_dropping and server.transport is not None:
            server.transport.abort()
        return ACCEPTED

    def go_down(self) -> None:
        """Refuse connections until :meth:`come_up`."""
        self._run(self._close())

    def come_up(self) -> None:
        """Listen again, on the same port."""
        self._run(self._listen())

    async def _listen(self) -> None:
        self._server = await self._loop.create_server(
            lambda: SMTP(self, hostname="localhost", loop=self._loop, enable_SMTPUTF8=True),
            self.host,
            self.port,
            reuse_address=True,
        )
        self.port = self._server.sockets[0].getsockname()[1]

    async def _close(self) -> None:
        if self._server is not None:
            self._server.close()
            self._server = None

    def _run(self, coroutine: object) -> None:
        asyncio.run_coroutine_threadsafe(coroutine, self._loop).result(10)  # type: ignore[arg-type]


@contextmanager
def running_mailbox() -> Iterator[Mailbox]:
    mailbox = Mailbox()
    thread = threading.Thread(target=mailbox._loop.run_forever, name="smtp", daemon=True)
    thread.start()
    mailbox.come_up()
    try:
        yield mailbox
    finally:
        mailbox.go_down()
        mailbox._run(_end_tasks())
        mailbox._loop.call_soon_threadsafe(mailbox._loop.stop)
        thread.join(10)
        mailbox._loop.close()


async def _end_tasks() -> None:
    others = asyncio.all_tasks() - {asyncio.current_task()}
    for task in others:
        task.cancel()
    await asyncio.gather(*others, return_exceptions=True)
