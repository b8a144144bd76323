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
