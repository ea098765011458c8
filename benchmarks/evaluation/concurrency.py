"""How much of the concurrency that a judge may use is in use: `concurrency.py OUT QUESTIONS CONCURRENCY`.

The endpoint is the one of the tests, on this machine, and takes from 0.1 to 0.3 seconds for an answer.
"""

import json
import sys
import time
from pathlib import Path

from evaluator.answer_log import AnswerLog, shared_folder
from evaluator.asking import Question, ask_all
from evaluator.endpoint import Endpoint
from evaluator.judge.prompts import read_verdict
from evaluator.spending import Budget
from tests.evaluator.chat_server import endpoint, serving
from worker.termination import Termination

LEAST, MOST = 0.1, 0.3


def main(out, number, concurrency):
    slept = []

    def answer(body):
        place = int(body["messages"][0]["content"].split()[-1])
        seconds = LEAST + (MOST - LEAST) * (place * 7919 % number) / number
        time.sleep(seconds)
        slept.append(seconds)
        return json.dumps({"verdict": "tie"})

    asked = [
        Question([{"role": "user", "content": f"question {place}"}], 0.0, 0, read_verdict) for place in range(number)
    ]
    with serving(answer) as server:
        judge = Endpoint(endpoint(server, concurrency=concurrency), "judge.openai")
        log, budget = AnswerLog(shared_folder("judge", "concurrency")), Budget.of(None, {}, 0.0)
        started = time.monotonic()
        told = ask_all(asked, judge, log, budget, "benchmark", Termination())
        seconds = time.monotonic() - started
    assert told.requests == len(slept) == number
    value = {"questions": number, "concurrency": concurrency, "seconds": seconds, "mostAtOnce": server.most_at_once}
    # under way, and without what a request takes besides its answer
    value |= {"use": told.use, "answering": sum(slept) / (seconds * concurrency)}
    out.write_text(json.dumps(value), "utf-8")


if __name__ == "__main__":
    main(Path(sys.argv[1]), *map(int, sys.argv[2:]))
