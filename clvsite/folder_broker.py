"""The embedded queue: kombu's filesystem transport, with messages that appear whole.

kombu's own writes into a file that a reader can already see; a worker that meets it empty ends
with an error. Here a message is written beside and renamed.
"""

import time
from pathlib import Path
from typing import Any
from uuid import uuid4

from kombu.transport import filesystem
from kombu.utils.json import dumps


class Channel(filesystem.Channel):
    def _put(self, queue: str, payload: dict[str, Any], **kwargs: Any) -> None:
        message = Path(self.data_folder_out) / f"{time.time_ns()}_{uuid4()}.{queue}.msg"
        unfinished = message.with_suffix(".msg.part")
        unfinished.write_text(dumps(payload))
        unfinished.rename(message)


class Transport(filesystem.Transport):
    Channel = Channel


def folders(queue: Path) -> dict[str, Any]:
    """The transport's options for a queue in this folder, whose parts are made where missing."""
    parts = {name: queue / name for name in ("messages", "processed", "control")}
    for folder in parts.values():
        folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    return {
        "data_folder_in": str(parts["messages"]),
        "data_folder_out": str(parts["messages"]),
        "processed_folder": str(parts["processed"]),
        "control_folder": str(parts["control"]),
        "store_processed": True,
        "polling_interval": 0.1,
    }
