import json
import logging
from collections.abc import Iterator

import pytest
import structlog

from msggw.observe import logger, setup_logs

PAN = "4761739001010119"


@pytest.fixture(autouse=True)
def untouched() -> Iterator[None]:
    """Put the process' logging back as it was."""
    root = logging.getLogger()
    handlers, level = root.handlers[:], root.level
    yield
    root.handlers[:] = handlers
    root.setLevel(level)
    structlog.reset_defaults()


def test_a_line_is_one_json_object(capsys: pytest.CaptureFixture[str]) -> None:
    """With time, level, event, what is bound and what is given; made before the set-up or after."""
    early = logger(instance="g1")
    setup_logs()
    early("started", port=1)
    line = json.loads(capsys.readouterr().err)

    assert ("started", "g1", 1, "info") == tuple(
        line[key] for key in ("event", "instance", "port", "level")
    )
    assert line["timestamp"].endswith("Z")


@pytest.mark.parametrize("pretty", [True, False])
def test_no_line_shows_a_card_number(capsys: pytest.CaptureFixture[str], pretty: bool) -> None:
    """Neither ours nor another library's, neither in a message nor in an exception."""
    setup_logs("debug", pretty=pretty)
    local = PAN
    try:
        raise ValueError(local)  # noqa: TRY301 - the exception is what is tested
    except ValueError:
        logger()("failed", exc_info=True, pan=PAN)
        logging.getLogger("other").exception("card %s", PAN)
    shown = capsys.readouterr().err

    assert PAN not in shown
    assert 4 == shown.count("476173******0119")
    assert 2 == shown.count("Traceback" if pretty else '"exc_type": "ValueError"')


def test_the_level_filters(capsys: pytest.CaptureFixture[str]) -> None:
    """Libraries are heard from warnings on, whatever our own level."""
    setup_logs("error")
    logger()("quiet")
    logging.getLogger("other").warning("quiet")
    setup_logs("debug")
    logging.getLogger("other").info("quiet")

    assert "" == capsys.readouterr().err
