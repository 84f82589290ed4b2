"""Keys: the port, the file implementation, and the sealing of transactions."""

from msggw.keys.file import FileKeys
from msggw.keys.port import Keys, Purpose
from msggw.keys.sealing import at_rest, in_transit, open_transaction

__all__ = ["FileKeys", "Keys", "Purpose", "at_rest", "in_transit", "open_transaction"]
