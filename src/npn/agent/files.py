"""The agent's files with secrets in them: the pool with its tokens, the system's key, the key of its certificate."""

import logging
from pathlib import Path

from npn.agent.settings import AgentSettings
from npn.agent.stock.pool import Pool
from npn.ownership import LooseFile, Readers, looseness, tighten_all

log = logging.getLogger("npn.agent")


def look_at_files(settings: AgentSettings, pool: Pool) -> list[LooseFile]:
    """Tighten what others could read, log it, and return it. Settings that hold the key are named and left alone."""
    names = [settings.path(name) for name in (settings.key_file, settings.client_key) if name]
    loose = [*pool.loose, *tighten_all(names, Readers.OUR_GROUP)]
    if settings.file and _holds_key(settings):
        named = looseness(Path(settings.file), Readers.OUR_GROUP)
        loose += [named] if named is not None else []
    for file in loose:
        if file.tightened:
            log.info("%s could be read by others (mode %04o); now only its owner may", file.path, file.mode)
        else:
            log.warning("%s can be read by others (mode %04o): chmod 600 %s", file.path, file.mode, file.path)
    return loose


def _holds_key(settings: AgentSettings) -> bool:
    if not settings.key:
        return False
    try:
        return settings.key.encode() in Path(settings.file).read_bytes()
    except OSError:
        return False
