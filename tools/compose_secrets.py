"""Make the passwords and the key the compose file asks for, once.

Usage: python3 tools/compose_secrets.py [FOLDER]

Needs nothing but Python. What is there already stays: a new key could not read what the old one
sealed, and PostgreSQL keeps the password of its first start.
"""

from __future__ import annotations

import base64
import json
import secrets
import sys
from pathlib import Path

FOLDER = Path(__file__).resolve().parents[1] / "deploy" / "secrets"
KEY_BYTES = 32


def main(folder: Path) -> None:
    """Write the files that are missing."""
    folder.mkdir(parents=True, exist_ok=True)
    # The containers read the files under user numbers of their own, so the folder is the door.
    folder.chmod(0o700)
    if (folder / "gateway.env").exists():
        print(f"{folder} is complete; nothing changed")
        return
    for name, text in contents().items():
        path = folder / name
        path.write_text(text, encoding="ascii")
        path.chmod(0o644)
    print(f"made passwords and a key in {folder}; keep a copy of msggw_keys in a safe place")


def contents() -> dict[str, str]:
    """Name and text of each file; the last one made tells that the others are there."""
    broker, store = secrets.token_urlsafe(24), secrets.token_urlsafe(24)
    key = base64.b64encode(secrets.token_bytes(KEY_BYTES)).decode()
    return {
        "msggw_keys": json.dumps({"current": 1, "keys": {"1": key}}),
        "postgres_password": store,
        "rabbitmq_user": f"default_user = msggw\ndefault_pass = {broker}\n",
        "gateway.env": (
            f"MSGGW_BROKER__URL=amqp://msggw:{broker}@rabbitmq:5672/\n"
            f"MSGGW_STORE__URL=postgresql://msggw:{store}@postgres:5432/msggw\n"
        ),
    }


if __name__ == "__main__":
    main(Path(sys.argv[1]) if len(sys.argv) > 1 else FOLDER)
