"""The ``helpdesk`` command: ``helpdesk up``, and every command of ``flask`` on the application."""

import click
from flask.cli import FlaskGroup

from helpdesk import create_app, up


@click.group(cls=FlaskGroup, create_app=create_app, add_version_option=False)
def main() -> None:
    """Appui juridique."""


main.add_command(up.up)
main.add_command(up.prepare)

if __name__ == "__main__":
    main()
