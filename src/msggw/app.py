"""The one place that picks real parts and joins them."""

from __future__ import annotations

import csv
import random
import time
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

import yaml

import msggw
from msggw.adapter import Context
from msggw.adapter.registry import load
from msggw.broker.opening import open_broker
from msggw.desk import Caretaker, Desk, system_clock
from msggw.errors import ConfigurationError, Refused
from msggw.ingress import HttpServer, LinkServer, Parts, build_app, ops_app
from msggw.iso8583 import Codec
from msggw.keys import FileKeys, Purpose
from msggw.observe import Health, Metrics, logger
from msggw.pipeline import Policy
from msggw.resources import find
from msggw.routing import RouteTable
from msggw.screening import NameList, Rulebook
from msggw.store import Parked
from msggw.store.opening import open_store
from msggw.worker import Consumer

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from msggw.adapter import Adapter
    from msggw.broker import Broker, Item
    from msggw.config import Settings
    from msggw.desk import Clock
    from msggw.keys import Keys
    from msggw.store import Store

__all__ = [
    "Core",
    "Gateway",
    "Worker",
    "build_core",
    "build_gateway",
    "build_worker",
    "load_policy",
]


@dataclass(frozen=True, slots=True)
class Core:
    """What gateway and worker both stand on."""

    settings: Settings
    store: Store
    broker: Broker
    keys: Keys
    clock: Clock
    policy: Policy
    desk: Desk
    caretaker: Caretaker
    metrics: Metrics
    health: Health
    log: Callable[..., None]


@dataclass(frozen=True, slots=True)
class Gateway:
    """The listening side."""

    core: Core
    links: tuple[LinkServer, ...]
    http: HttpServer


@dataclass(frozen=True, slots=True)
class Worker:
    """The side that calls adapters. `http` serves health and metrics when it runs alone."""

    core: Core
    adapters: Mapping[str, Adapter]
    consumer: Consumer


def load_policy(settings: Settings) -> Policy:
    """Read rules, routes and lists; raise `ConfigurationError` with every fault found."""
    try:
        names = _names(_data_file(settings.policy.sanctions))
        rules = Rulebook.build(_yaml(_data_file(settings.policy.rules)), names)
        routes = RouteTable.build(_yaml(_data_file(settings.policy.routes)))
    except Refused as refusal:
        msg = f"policy: {refusal}"
        raise ConfigurationError(msg) from None
    except (OSError, yaml.YAMLError, UnicodeDecodeError) as error:
        msg = f"policy: {error}"
        raise ConfigurationError(msg) from None
    return Policy(rules, routes)


def _data_file(name: str) -> Path:
    path = Path(name)
    return path if path.is_file() else find(name)


def _yaml(path: Path) -> dict[str, Any]:
    data = yaml.safe_load(path.read_text("utf-8"))
    if not isinstance(data, dict):
        msg = f"policy: {path.name} is not a mapping"
        raise ConfigurationError(msg)
    return data


def _names(path: Path) -> NameList:
    with path.open(encoding="utf-8", newline="") as file:
        rows = [(row["reference"], row["name"]) for row in csv.DictReader(file)]
    return NameList(path.stem, rows)


def build_core(settings: Settings, role: str) -> Core:
    """Open the parts that need no loop yet; `role` names the journal chain of this process."""
    log = logger(instance=settings.instance, role=role)
    clock = system_clock()
    keys = FileKeys.load_or_create(settings.keys.file)
    policy = load_policy(settings)
    chain_key = keys.mac(Purpose.JOURNAL, b"chain")
    store = open_store(settings.store.url, f"{settings.instance}.{role}", chain_key)

    async def on_park(route: str, item: Item, cause: str) -> None:
        transaction_id = item.id.partition(":")[0]
        log("work.parked", item=item.id, route=route, cause=cause)
        await store.park(
            Parked(item.id, transaction_id, route, item.body, cause, item.attempt, clock.now_us())
        )

    broker = open_broker(
        settings.broker.url,
        instance=f"{settings.instance}-{role}",
        on_park=on_park,
        prefix=settings.broker.prefix,
    )
    desk = Desk(
        store=store,
        broker=broker,
        keys=keys,
        policy=policy,
        clock=clock,
        instance=settings.instance,
    )
    caretaker = Caretaker(store=store, broker=broker, desk=desk, clock=clock, log=log)
    health = Health({"store": store.ping, "broker": broker.ping})
    metrics = Metrics(msggw.__version__)
    return Core(settings, store, broker, keys, clock, policy, desk, caretaker, metrics, health, log)


def build_gateway(core: Core) -> Gateway:
    """Make the listening side."""
    links = tuple(
        LinkServer(link, _codec(link.spec, link.tolerances), core.desk, core.metrics, core.log)
        for link in core.settings.links
    )
    http = core.settings.http
    parts = Parts(core.desk, core.metrics, core.health, http)
    server = HttpServer(build_app(parts, core.log), http, receive_timeout_s=http.receive_timeout_s)
    return Gateway(core, links, server)


def _codec(spec: str, tolerances: tuple[str, ...]) -> Codec:
    try:
        return Codec.load(spec, tolerances=tolerances)
    except (Refused, FileNotFoundError) as error:
        msg = f"link: the spec {spec} cannot be used: {error}"
        raise ConfigurationError(msg) from None


def build_worker(core: Core) -> Worker:
    """Load the adapters and make the consumer."""
    context = Context(now=time.time, monotonic=time.monotonic, random=random.random, log=core.log)
    adapters = {
        name: load(name, settings, context) for name, settings in core.settings.adapters.items()
    }
    consumer = Consumer(
        store=core.store,
        broker=core.broker,
        keys=core.keys,
        clock=core.clock,
        adapters=adapters,
        log=core.log,
    )
    return Worker(core, adapters, consumer)


def worker_http(core: Core) -> HttpServer:
    """Return the HTTP server of a worker that runs alone: health and metrics."""
    app = ops_app(core.health, core.metrics)
    timeout_s = core.settings.http.receive_timeout_s
    return HttpServer(app, core.settings.worker, receive_timeout_s=timeout_s)
