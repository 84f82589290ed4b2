"""The locks hold every dependency, hashed, from no particular index."""

import re
import tomllib
from pathlib import Path

import pytest
from packaging.markers import default_environment
from packaging.requirements import Requirement
from packaging.utils import canonicalize_name

ROOT = Path(__file__).parents[2]
LOCKS = sorted((ROOT / "requirements").glob("*.lock"))
PROJECT = tomllib.loads((ROOT / "pyproject.toml").read_text())
ADAPTERS = tomllib.loads((ROOT / "adapters" / "pyproject.toml").read_text())
VERSIONS = ("3.11.2", "3.12.1", "3.13.0")
MACHINES = ("x86_64", "aarch64")


def entries(lock: Path) -> list[str]:
    """Each pin of a lock with its hashes, on one line."""
    return lock.read_text().replace("\\\n", " ").splitlines()


def pins(lock: Path, **environment: str) -> dict[str, str]:
    """Name and version of each pin that holds in an environment."""
    found = {}
    for entry in entries(lock):
        requirement = Requirement(entry.partition(" --hash")[0].strip())
        if requirement.marker is None or requirement.marker.evaluate(environment):
            (pin,) = requirement.specifier
            found[canonicalize_name(requirement.name)] = pin.version
    return found


def asked_for(group: str) -> list[Requirement]:
    """The requirements of a group of pyproject.toml, with those of the groups it includes."""
    if group == "runtime":
        return [Requirement(text) for text in PROJECT["project"]["dependencies"]]
    found = []
    for item in PROJECT["dependency-groups"][group]:
        found += asked_for(item["include-group"]) if isinstance(item, dict) else [Requirement(item)]
    return found


@pytest.mark.parametrize("lock", LOCKS, ids=lambda lock: lock.stem)
def test_every_pin_is_exact_and_hashed(lock: Path) -> None:
    """Each line is one exact version with SHA-256 hashes, so pip takes nothing else."""
    odd = [
        entry
        for entry in entries(lock)
        if not re.fullmatch(
            r"[a-z0-9][a-z0-9._-]*(\[[a-z,-]+\])?==\S+( ; [^#]+?)?(\s+--hash=sha256:[0-9a-f]{64})+",
            entry.strip(),
        )
    ]

    assert [] == odd


@pytest.mark.parametrize("lock", LOCKS, ids=lambda lock: lock.stem)
def test_no_lock_names_an_index(lock: Path) -> None:
    """Whoever installs decides where from."""
    assert None is re.search(r"://|--(extra-)?index|--find-links", lock.read_text())


@pytest.mark.parametrize(
    ("lock", "groups"),
    [("dev", ("runtime", "dev")), ("runtime", ("runtime",)), ("build", ("build",))],
)
@pytest.mark.parametrize("version", VERSIONS)
@pytest.mark.parametrize("machine", MACHINES)
def test_a_lock_satisfies_what_is_asked_for(
    lock: str, groups: tuple[str, ...], version: str, machine: str
) -> None:
    """A lock is fresh: every requirement that applies is pinned to a version it allows."""
    environment = {
        **default_environment(),
        "python_full_version": version,
        "python_version": version.rpartition(".")[0],
        "platform_machine": machine,
        "sys_platform": "linux",
    }
    pinned = pins(ROOT / "requirements" / f"{lock}.lock", **environment)
    wanted = [r for group in groups for r in asked_for(group)]
    unmet = [
        str(r)
        for r in wanted
        if (r.marker is None or r.marker.evaluate(environment))
        and not r.specifier.contains(pinned.get(canonicalize_name(r.name), "0"))
    ]

    assert [] == unmet


@pytest.mark.parametrize("lock", ["runtime", "build"])
def test_what_is_shipped_is_what_is_tested(lock: str) -> None:
    """The image installs the very versions the tests run with."""
    tested = pins(ROOT / "requirements" / "dev.lock").items()

    assert set() == pins(ROOT / "requirements" / f"{lock}.lock").items() - tested


def test_adapters_need_nothing_the_gateway_does_not_bring() -> None:
    """One lock serves both distributions, so the adapters' requirements are among the gateway's."""
    brought = {canonicalize_name(r.name) for r in asked_for("runtime")} | {"msggw"}
    needed = {canonicalize_name(Requirement(r).name) for r in ADAPTERS["project"]["dependencies"]}

    assert set() == needed - brought


def test_no_installed_release_is_older_than_its_last_hole() -> None:
    """Releases with a known hole that concerns us are not in the lock."""
    # lxml before 6.1.3 opens external parameter entities although it was told to resolve none.
    floors = {"lxml": "6.1.3"}
    pinned = pins(ROOT / "requirements" / "dev.lock")
    holes = {
        name: pinned[name]
        for name, floor in floors.items()
        if not Requirement(f"{name}>={floor}").specifier.contains(pinned[name])
    }

    assert {} == holes
