"""`npn serve`: the service."""

import os
from pathlib import Path

import click


@click.command()
@click.option("--database", metavar="URL", help="sqlite:///var/npn.db, or postgresql://… in production.")
@click.option("--host", help="Address to listen on; 127.0.0.1 where nothing is said.")
@click.option("--port", type=click.IntRange(0, 65535), help="Port; 8000 where nothing is said, 0 for any free one.")
@click.option("--witness", metavar="W", help="A file, postgresql://… on another server, or etcd://host,host,host/npn.")
@click.option("--config", type=click.Path(path_type=Path), help="Settings, a TOML file.")
@click.option("--tls-cert", metavar="F", help="Certificate chain, PEM.")
@click.option("--tls-key", metavar="F", help="Its private key, PEM.")
@click.option("--client-ca", metavar="F", help="Authorities whose client certificates are asked for, PEM.")
@click.option("--log-level", help="debug, info, warning, error or critical.")
def serve(config: Path | None, **given: object) -> None:
    """Run the service until it is told to stop (SIGTERM: what was accepted is answered).

    It never creates a database: `npn admin init` does. Settings come from --config, then the environment
    (NPN_DATABASE, NPN_WITNESS), then the options here.
    """
    from npn.config import read_settings

    settings = read_settings(config, os.environ, given)
    from npn.http.logs import configure

    configure(settings.log_level)
    if settings.message_versions:
        from npn.messages.profiles import use

        use(Path(settings.message_versions))  # so that a faulty file is said at start; workers read it again
    from npn.server.serve import serve as run

    run(settings, _ready, config)


def _ready(address: str) -> None:
    click.echo(f"npn serves {address}  (documentation: {address}/docs; stop with Ctrl-C)")
