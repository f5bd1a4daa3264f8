"""What other threads do is waited for, however slow the machine is."""

import threading
import time


def until(ready, seconds=60):
    """Return what ``ready()`` says as soon as it is true."""
    deadline = time.monotonic() + seconds
    while not (found := ready()):
        assert time.monotonic() < deadline, f'not within {seconds} s'
        time.sleep(0.02)
    return found


def at_once(box, call, count, ready):
    """The answers of ``count`` calls that are slower than this test.

    :param ready: takes the answers that are there; when it is true, the sandbox's
        clock goes on and those who still wait are answered
    """
    answers = []
    threads = [threading.Thread(target=lambda: answers.append(call()))
               for _number in range(count)]
    for thread in threads:
        thread.start()
    until(lambda: ready(answers))
    box.post('/clock', {'advance': 100})
    for thread in threads:
        thread.join()
    return answers
