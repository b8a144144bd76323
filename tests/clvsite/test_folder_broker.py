from concurrent.futures import ThreadPoolExecutor
from queue import Empty

import pytest
from kombu import Connection

MESSAGES = 300


@pytest.fixture
def queue(tmp_path, settings):
    options = dict(settings.CELERY_BROKER_TRANSPORT_OPTIONS)
    for name in ("data_folder_in", "data_folder_out", "processed_folder", "control_folder"):
        folder = tmp_path / name.removesuffix("_in").removesuffix("_out")
        folder.mkdir(exist_ok=True)
        options[name] = str(folder)
    with Connection("folder://", transport_options=options) as connection:
        yield connection


def test_a_reader_that_never_waits_meets_every_message_whole(queue):
    """kombu's own transport loses here, within a few hundred messages of this size."""

    def write():
        with queue.clone() as other:
            for number in range(MESSAGES):
                other.SimpleQueue("work").put({"number": number, "filler": "x" * 20_000})

    found = []
    with ThreadPoolExecutor(1) as pool, queue.SimpleQueue("work") as reader:
        writing = pool.submit(write)
        while not writing.done() or len(found) < MESSAGES:
            try:
                message = reader.get_nowait()
            except Empty:
                continue
            found.append(message.payload["number"])
            message.ack()
        writing.result()
    assert sorted(found) == list(range(MESSAGES))
