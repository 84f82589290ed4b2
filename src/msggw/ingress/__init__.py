"""The ingress shells: ISO 8583 over TCP, ISO 20022 and canonical JSON over HTTP."""

from msggw.ingress.apikey import authenticate, new_key
from msggw.ingress.body import Parts
from msggw.ingress.http import build_app, ops_app
from msggw.ingress.tcp import LinkServer
from msggw.ingress.uvicorn_server import HttpServer

__all__ = [
    "HttpServer",
    "LinkServer",
    "Parts",
    "authenticate",
    "build_app",
    "new_key",
    "ops_app",
]
