"""Routing: the table that names the adapter of a transaction."""

from msggw.routing.table import Route, RouteTable

__all__ = ["Route", "RouteTable"]
