"""Compose file and image are what the documents promise, as far as one can tell without Docker."""

import json
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
import yaml

import msggw

ROOT = Path(__file__).parents[2]
COMPOSE = ROOT / "docker-compose.yml"
OURS = ("gateway", "worker", "migrate")


def validate(path: Path) -> subprocess.CompletedProcess[str]:
    """Hold a compose file against the schema of the Compose Specification, without a network."""
    command = [sys.executable, "-m", "check_jsonschema", "--builtin-schema", "vendor.compose-spec"]
    return subprocess.run([*command, path], capture_output=True, check=False, text=True)


@pytest.fixture(scope="module")
def compose() -> dict[str, Any]:
    """The compose file as data, anchors resolved."""
    return yaml.safe_load(COMPOSE.read_text())


@pytest.fixture(scope="module")
def dockerfile() -> list[tuple[str, str]]:
    """Instructions of the Dockerfile and their arguments, in order."""
    text = (ROOT / "Dockerfile").read_text().replace("\\\n", " ")
    lines = [line for line in text.splitlines() if line and not line.startswith("#")]
    return [(line.split(maxsplit=1)[0], line.split(maxsplit=1)[1].strip()) for line in lines]


@pytest.fixture(scope="module")
def last_stage(dockerfile: list[tuple[str, str]]) -> list[tuple[str, str]]:
    """The instructions of the stage that is shipped."""
    start = max(i for i, (name, _) in enumerate(dockerfile) if name == "FROM")
    return dockerfile[start:]


def test_compose_follows_its_specification() -> None:
    """The Compose Specification's schema accepts the file."""
    result = validate(COMPOSE)

    assert (0, "") == (result.returncode, result.stderr)


@pytest.mark.parametrize(
    ("right", "wrong"),
    [
        ("healthcheck:", "helthcheck:"),
        ("condition: service_healthy", "condition: service_heathy"),
        ("restart: unless-stopped", "restart: [unless-stopped]"),
    ],
)
def test_the_schema_sees_a_mistake(tmp_path: Path, right: str, wrong: str) -> None:
    """The check is worth something: a planted mistake is refused."""
    planted = tmp_path / "docker-compose.yml"
    planted.write_text(COMPOSE.read_text().replace(right, wrong, 1))

    assert 1 == validate(planted).returncode


def test_compose_has_no_obsolete_version(compose: dict[str, Any]) -> None:
    """The top-level `version` has no meaning any more and only warns."""
    assert "version" not in compose


def test_every_image_is_pinned(compose: dict[str, Any]) -> None:
    """Ours has our version, the others a major version; nobody runs `latest`."""
    images = {name: service["image"] for name, service in compose["services"].items()}

    assert images == {
        **dict.fromkeys(OURS, f"msggw:{msggw.__version__}"),
        "rabbitmq": "rabbitmq:4-management",
        "postgres": "postgres:17",
    }


def test_every_lasting_service_has_a_health_check(compose: dict[str, Any]) -> None:
    """Gateway and worker inherit the image's check, the servers bring their own."""
    without = {
        name for name, service in compose["services"].items() if "healthcheck" not in service
    }

    assert {"gateway", "worker"} == without


def test_the_gateway_waits_for_its_parts(compose: dict[str, Any]) -> None:
    """Nothing of ours starts before the servers answer and the tables are there."""
    needs = {
        name: {other: need["condition"] for other, need in service["depends_on"].items()}
        for name, service in compose["services"].items()
        if name in ("gateway", "worker")
    }

    expected = {
        "rabbitmq": "service_healthy",
        "postgres": "service_healthy",
        "migrate": "service_completed_successfully",
    }
    assert needs == {"gateway": expected, "worker": expected}


def test_gateway_and_worker_are_separate_processes(compose: dict[str, Any]) -> None:
    """The gateway takes messages only; the workers deliver, as many as one likes."""
    commands = {name: compose["services"][name]["command"] for name in OURS}

    assert commands == {
        "gateway": ["run", "--no-worker"],
        "worker": ["worker"],
        "migrate": ["db", "upgrade"],
    }


def test_the_gateway_is_reached_on_its_ports(compose: dict[str, Any]) -> None:
    """8583 for ISO 8583, 8080 for HTTP; the broker's management stays on this machine."""
    ports = {name: s["ports"] for name, s in compose["services"].items() if "ports" in s}

    assert ports == {
        "gateway": ["8583:8583", "8080:8080"],
        "rabbitmq": ["127.0.0.1:15672:15672"],
    }


def test_secrets_are_files_git_does_not_know(compose: dict[str, Any]) -> None:
    """Passwords and keys are in files under deploy/secrets, and git ignores that folder."""
    files = [secret["file"] for secret in compose["secrets"].values()]
    files += [name for service in OURS for name in compose["services"][service]["env_file"]]
    ignored = subprocess.run(
        ["git", "check-ignore", *files], cwd=ROOT, capture_output=True, check=False, text=True
    )

    assert sorted(files) == sorted(ignored.stdout.split())


def test_no_password_stands_in_the_compose_file(compose: dict[str, Any]) -> None:
    """Environment values set in the file are names and paths only."""
    values = {
        value
        for service in compose["services"].values()
        for name, value in service.get("environment", {}).items()
        if "PASSWORD" in name or "URL" in name or "KEY" in name
    }

    assert values == {"/run/secrets/msggw_keys", "/run/secrets/postgres_password"}


def test_our_containers_may_do_little(compose: dict[str, Any]) -> None:
    """Read-only root, no capabilities, no new privileges."""
    loose = [
        name
        for name in OURS
        if not (service := compose["services"][name])["read_only"]
        or service["cap_drop"] != ["ALL"]
        or service["security_opt"] != ["no-new-privileges:true"]
    ]

    assert [] == loose


def test_the_image_is_built_in_stages(dockerfile: list[tuple[str, str]]) -> None:
    """What builds is not what runs, and both stand on a named release of a slim image."""
    bases = [arguments for name, arguments in dockerfile if name == "FROM"]

    assert ["python:3.13-slim-bookworm AS build", "python:3.13-slim-bookworm"] == bases


def test_the_image_does_not_run_as_root(last_stage: list[tuple[str, str]]) -> None:
    """The last USER is a number other than 0, and comes before what is run."""
    users = [arguments for name, arguments in last_stage if name == "USER"]

    assert ["10001:10001"] == users


@pytest.mark.parametrize("instruction", ["ENTRYPOINT", "CMD"])
def test_the_image_runs_without_a_shell(
    last_stage: list[tuple[str, str]], instruction: str
) -> None:
    """In exec form the gateway is process 1 and gets SIGTERM itself."""
    (arguments,) = [arguments for name, arguments in last_stage if name == instruction]

    assert isinstance(json.loads(arguments), list)


def test_the_image_knows_its_health(last_stage: list[tuple[str, str]]) -> None:
    """The health check asks the gateway's own readiness, in exec form, with a time limit."""
    (arguments,) = [arguments for name, arguments in last_stage if name == "HEALTHCHECK"]
    options, _, command = arguments.partition("CMD ")
    compile(json.loads(command)[2], "HEALTHCHECK", "exec")

    assert "--timeout=3s" in options.split()
    assert json.loads(command)[:2] == ["python", "-c"]
    assert "/readyz" in command


def test_the_image_installs_only_what_is_locked(dockerfile: list[tuple[str, str]]) -> None:
    """Every `pip install` either checks hashes or installs the wheels just built."""
    runs = [arguments for name, arguments in dockerfile if name == "RUN"]
    installs = [step for run in runs for step in run.split("&&") if "pip install" in step]

    assert len(installs) == 3
    assert [] == [
        step for step in installs if "--require-hashes" not in step and "--no-index" not in step
    ]


def test_everything_copied_is_sent_to_the_builder(dockerfile: list[tuple[str, str]]) -> None:
    """.dockerignore lets through what COPY needs, and nothing is copied that does not exist."""
    sent = {
        line[1:] for line in (ROOT / ".dockerignore").read_text().splitlines() if line[:1] == "!"
    }
    copied = {
        source.split("/")[0]
        for name, arguments in dockerfile
        if name == "COPY" and "--from" not in arguments
        for source in arguments.split()[:-1]
    }

    assert sent == copied
    assert [] == [name for name in copied if not (ROOT / name).exists()]
