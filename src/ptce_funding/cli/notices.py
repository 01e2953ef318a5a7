"""What the library warns of, said on standard error in the user's language."""

import logging

import click

from ptce_funding.messages import message


class _Notices(logging.Handler):
    """Say each warning once."""

    def __init__(self, lang: str) -> None:
        super().__init__(logging.WARNING)
        self.lang = lang
        self.said: set[str] = set()

    def emit(self, record: logging.LogRecord) -> None:
        """Say a warning; the library logs messages, which know how to be rendered."""
        text = record.msg.render(self.lang) if hasattr(record.msg, "render") else record.getMessage()
        if text not in self.said:
            self.said.add(text)
            click.echo(message("Note: {text}", text=text).render(self.lang), err=True)


def show_notices(lang: str) -> None:
    """Say what the library warns of, in place of what an earlier command of the same process has set up."""
    log = logging.getLogger("ptce_funding")
    log.handlers = [each for each in log.handlers if not isinstance(each, _Notices)]
    log.addHandler(_Notices(lang))
