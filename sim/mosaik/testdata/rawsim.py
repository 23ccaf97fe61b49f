"""A simulator on a bare socket, with no library, that misbehaves in one way:

    python3 rawsim.py [--mode MODE] [--at K] [--pid-file FILE] HOST:PORT
    python3 rawsim.py --remote ...            listens instead; port 0 is any, the address goes to stdout

Without a mode it behaves: API "3.0", time-based, one public model `M` without parameters, attributes `in` and `out`,
entities `e0`, `e1`, ...; a step at t returns t + 1, then every requested attribute is float(t). It exits 0 on stop and
when the connection ends. It answers one request after the other, so `step` and `get_data` may come in one write.

K (default 1) counts steps from 0: the first misbehaviour is in step K, and again in each later one.
No mode lives longer than two minutes, whatever it ignores. Any Python 3.6 or newer will do.

Starting
  exit_at_start     says why on stderr and exits with status 3
  never_connect     neither connects nor ends
  silent            connects, reads all, answers nothing
  disconnect        connects and closes at once, exits 0
  die_in_init       a traceback on stderr, no answer to init, exits 1: what mosaik-api-v3 does on an error in init

Meta and create
  api_4             api_version "4.0"
  api_number        api_version 2.2, a number (a Java tutorial does it); then as api_2
  api_missing       no api_version and no type, so API 1: no setup_done, step without max_advance (both are refused)
  api_words         api_version "three"
  api_2             api_version "2.2" and no type; step takes two arguments and refuses more
  api_2_strict      api_2, and any parameter of init is an error as in die_in_init: unmodified API 2 programs do not know time_resolution
  meta_list         init answers [] instead of an object
  init_failure      init answers a failure
  create_few        one entity less than asked for
  create_type       entities of type "Other"
  create_twice      the same eid for all
  create_failure    create answers a failure
  create_exit       says why on stderr and exits with status 3 in create
  create_hang       does not answer create; lives on
  setup_failure     setup_done answers a failure
  setup_exit        says why on stderr and exits with status 3 in setup_done
  setup_hang        does not answer setup_done; lives on

Bytes, as the answer to init; with the prefix "step_" as the answer to step K (step_garbage, ...)
  garbage           bytes that are no frame: their first four as a length are 3.7 GB
  bad_json          a frame of broken JSON
  bad_utf8          a frame that is not UTF-8
  huge_frame        a header that announces 4 GiB - 1, and the connection stays open
  short_frame       a header of 100 bytes, 10 of them, and the end of the connection (FIN)
  empty_frame       a frame of length 0
  not_a_message     a frame of {"hello": "world"}
  message_type      a message of type 7
  unknown_id        a success with the id 4711
All connections
  bytewise          every frame one byte at a time, TCP_NODELAY
  flood_stderr      in step K, 8 MiB of lines to stderr, then the answer

Next step, in step K
  next_past (0), next_same (t), next_negative (-1), next_float (t + 0.5), next_whole_float (float(t + 1)), next_string ("soon"), next_bool (true),
  next_null (null), next_list ([t + 1]), next_huge (2 ** 70)

Data, after step K
  nan, infinity, minus_infinity   as the value of every requested attribute
  extra_attr        one more attribute, "unasked"
  extra_entity      one more entity, "stranger"
  missing_attr      entities with no attributes
  missing_entity    {}
  data_null, data_list, data_flat  null, [] or {eid: 1.0} for the whole
  time_past         with an output time of t - 1
  time_string       with the output time "now"

Failures, in step K: the failure, and then get_data is answered as ever
  fail_step         ["ValueError", "no convergence in step K", traceback line]
  fail_string       "no convergence in step K" alone
  fail_list         ["no convergence in step K"]
  fail_object       {"error": "no convergence in step K"}
  fail_null         null
  fail_numpy        as Python's json does if a value is one of numpy
  fail_get_data     the step succeeds, the get_data after it fails

Its own requests, in step K, before it answers; the answer is logged to stderr as one line of JSON
  request_unknown   the method "make_coffee"
  request_denied    set_data for an entity "nobody.0"
  request_malformed content null

Ends in the middle of step K, without an answer. A program that ends with a request unread, the get_data that was written together
with the step, ends its connection with RST and not with FIN: so may exit, exit_0 and kill.
  exit              a last word on stderr, exits with status 3
  exit_0            exits with status 0
  kill              SIGKILL to itself
  reset             the connection ends with RST, exits 0
  close             ends its side of the connection (FIN); lives on
  hang              does not answer; lives on

Stop
  ignore_stop       ignores stop, the end of the connection and SIGTERM
  slow_stop         takes 0.3 s to stop, then exits 0
  stop_status       exits with status 5 on stop
  grandchild        a child of its own, which ignores SIGTERM and holds stderr open, outlives it; its pid is written to FILE
"""

import argparse
import json
import os
import signal
import socket
import struct
import subprocess
import sys
import time

LIFETIME = 120  # seconds; SIGALRM ends what a failing test forgot

GARBAGE = b"\xde\xad\xbe\xef this is no frame \x00\x01\x02"


def frame(text):
    data = text if isinstance(text, bytes) else text.encode()
    return struct.pack(">I", len(data)) + data


def bad_bytes(mode, message_id):
    """What to write instead of the answer to a request, or None if the mode is not about bytes."""
    return {
        "garbage": GARBAGE,
        "bad_json": frame('[1, %d, {"models": ' % message_id),
        "bad_utf8": frame(b'[1, %d, "\xff\xfe"]' % message_id),
        "huge_frame": b"\xff\xff\xff\xff[1, ",
        "short_frame": struct.pack(">I", 100) + b"[1, 0, nul",
        "empty_frame": frame(""),
        "not_a_message": frame('{"hello": "world"}'),
        "message_type": frame("[7, %d, null]" % message_id),
        "unknown_id": frame("[1, 4711, null]"),
    }.get(mode)


# The next step a step at t answers.
NEXT = {
    "next_past": lambda t: 0,
    "next_same": lambda t: t,
    "next_negative": lambda t: -1,
    "next_float": lambda t: t + 0.5,
    "next_whole_float": lambda t: float(t + 1),
    "next_string": lambda t: "soon",
    "next_bool": lambda t: True,
    "next_null": lambda t: None,
    "next_list": lambda t: [t + 1],
    "next_huge": lambda t: 2**70,
}

# What a get_data after the step at t answers, from the right answer.
DATA = {
    "nan": lambda t, right: fill(right, float("nan")),
    "infinity": lambda t, right: fill(right, float("inf")),
    "minus_infinity": lambda t, right: fill(right, float("-inf")),
    "extra_attr": lambda t, right: {eid: dict(attrs, unasked=1.0) for eid, attrs in right.items()},
    "extra_entity": lambda t, right: dict(right, stranger={"out": 1.0}),
    "missing_attr": lambda t, right: {eid: {} for eid in right},
    "missing_entity": lambda t, right: {},
    "data_null": lambda t, right: None,
    "data_list": lambda t, right: [],
    "data_flat": lambda t, right: {eid: 1.0 for eid in right},
    "time_past": lambda t, right: dict(right, time=t - 1),
    "time_string": lambda t, right: dict(right, time="now"),
}

# The content of the failure a step answers.
FAILURES = {
    "fail_step": lambda text: ["ValueError", text, "Traceback (most recent call last):\n"],
    "fail_string": lambda text: text,
    "fail_list": lambda text: [text],
    "fail_object": lambda text: {"error": text},
    "fail_null": lambda text: None,
    "fail_numpy": lambda text: ["TypeError", "Object of type int64 is not JSON serializable"],
}

# The content of a request of its own.
REQUESTS = {
    "request_unknown": ["make_coffee", [], {}],
    "request_denied": ["set_data", [{"nobody.0": {"nobody.1": {"in": 1}}}], {}],
    "request_malformed": None,
}

# Modes that the code below asks for by name.
NAMED = [
    "exit_at_start", "never_connect", "silent", "disconnect", "die_in_init",
    "api_4", "api_number", "api_missing", "api_words", "api_2", "api_2_strict", "meta_list", "init_failure",
    "create_few", "create_type", "create_twice", "create_failure", "create_exit", "create_hang",
    "setup_failure", "setup_exit", "setup_hang",
    "garbage", "bad_json", "bad_utf8", "huge_frame", "short_frame", "empty_frame", "not_a_message", "message_type", "unknown_id",
    "bytewise", "flood_stderr", "fail_get_data",
    "exit", "exit_0", "kill", "reset", "close", "hang",
    "ignore_stop", "slow_stop", "stop_status", "grandchild",
]  # fmt: skip


def fill(data, value):
    return {eid: dict.fromkeys(attrs, value) for eid, attrs in data.items()}


def say(text):
    sys.stderr.write(text + "\n")
    sys.stderr.flush()


def wait_for_the_end():
    while True:
        time.sleep(LIFETIME)


class Failure(Exception):
    """Answered as a failure with this content."""


class Simulator:
    def __init__(self, sock, mode, at):
        self.sock = sock
        self.mode = mode
        self.at = at
        self.old = mode in ("api_number", "api_missing", "api_2", "api_2_strict")
        self.entities = 0
        self.steps = 0
        self.requests = 0
        self.waiting = []  # requests that came while it waited for an answer
        self.time = 0

    # Transport

    def read(self, n):
        data = b""
        while len(data) < n:
            try:
                more = self.sock.recv(n - len(data))
            except ConnectionError:
                more = b""
            if not more:
                raise EOFError
            data += more
        return data

    def receive(self):
        return self.waiting.pop(0) if self.waiting else self.receive_frame()

    def receive_frame(self):
        (length,) = struct.unpack(">I", self.read(4))
        return json.loads(self.read(length).decode())

    def write(self, data):
        if self.mode == "bytewise":
            for i in range(len(data)):
                self.sock.sendall(data[i : i + 1])
        else:
            self.sock.sendall(data)

    def send(self, kind, message_id, content):
        self.write(frame(json.dumps([kind, message_id, content])))

    def ask(self, content):
        """Sends a request of its own and returns the answer, whatever it is."""
        self.send(0, self.requests, content)
        self.requests += 1
        while True:
            message = self.receive_frame()
            if message[0] != 0:
                return message
            self.waiting.append(message)

    # Requests

    def run(self):
        while True:
            try:
                kind, message_id, content = self.receive()
            except EOFError:
                if self.mode == "ignore_stop":
                    wait_for_the_end()
                return
            method, args, kwargs = content
            if self.mode == "silent":
                continue
            if method == "stop":
                if self.mode == "ignore_stop":
                    continue
                if self.mode == "slow_stop":
                    time.sleep(0.3)
                if self.mode == "stop_status":
                    sys.exit(5)
                return
            bad = None
            if method == "init":
                bad = bad_bytes(self.mode, message_id)
            elif method == "step" and self.steps >= self.at and self.mode.startswith("step_"):
                bad = bad_bytes(self.mode[len("step_") :], message_id)
            if bad is not None:
                self.write(bad)
                if self.mode.endswith("short_frame"):
                    self.sock.shutdown(socket.SHUT_WR)
                    while self.sock.recv(4096):
                        pass  # until the other side ends too
                    return
                continue
            try:
                self.send(1, message_id, getattr(self, method)(*args, **kwargs))
            except Failure as failure:
                self.send(2, message_id, failure.args[0])
            except TypeError as e:  # wrong arguments
                self.send(2, message_id, ["TypeError", str(e)])

    def init(self, sid, **params):
        if self.mode == "die_in_init" or (self.mode == "api_2_strict" and params):
            raise RuntimeError("init() got an unexpected keyword argument '%s'" % next(iter(params), ""))
        if self.mode == "init_failure":
            raise Failure(["ValueError", "no such licence"])
        if self.mode == "meta_list":
            return []
        meta = {
            "api_version": {"api_4": "4.0", "api_number": 2.2, "api_words": "three"}.get(self.mode, "2.2" if self.old else "3.0"),
            "type": "time-based",
            "models": {"M": {"public": True, "params": [], "attrs": ["in", "out"]}},
            "extra_methods": [],
        }
        if self.old:
            del meta["type"]
        if self.mode == "api_missing":
            del meta["api_version"]
        return meta

    def create(self, num, model):
        if self.mode == "create_failure":
            raise Failure(["ValueError", "no room for M"])
        if self.mode == "create_exit":
            say("rawsim: out of memory in create")
            sys.exit(3)
        if self.mode == "create_hang":
            wait_for_the_end()
        new = ["e%d" % i for i in range(self.entities, self.entities + num)]
        self.entities += num
        if self.mode == "create_few":
            new.pop()
        if self.mode == "create_twice":
            new = ["e0"] * num
        return [{"eid": eid, "type": "Other" if self.mode == "create_type" else model} for eid in new]

    def setup_done(self):
        if self.mode == "api_missing":
            raise Failure(["KeyError", "setup_done"])
        if self.mode == "setup_failure":
            raise Failure(["ValueError", "no database"])
        if self.mode == "setup_exit":
            say("rawsim: out of memory in setup_done")
            sys.exit(3)
        if self.mode == "setup_hang":
            wait_for_the_end()

    def step(self, now, inputs, *max_advance):
        if len(max_advance) != (0 if self.old else 1):
            raise TypeError("step() takes %d arguments, %d were given" % (2 if self.old else 3, 2 + len(max_advance)))
        self.time = now
        self.steps += 1
        if not self.misbehaving():
            return now + 1
        text = "no convergence in step %d" % (self.steps - 1)
        if self.mode in FAILURES:
            raise Failure(FAILURES[self.mode](text))
        if self.mode in REQUESTS:
            say(json.dumps(self.ask(REQUESTS[self.mode])))
        if self.mode == "flood_stderr":
            for i in range(1 << 17):
                sys.stderr.write("warning %7d: all is well, and this is a long line about it\n" % i)  # 63 bytes
            sys.stderr.flush()
        self.end()
        return NEXT.get(self.mode, lambda t: t + 1)(now)

    def get_data(self, outputs):
        right = {eid: dict.fromkeys(attrs, float(self.time)) for eid, attrs in outputs.items()}
        if not self.misbehaving():
            return right
        if self.mode == "fail_get_data":
            raise Failure(["KeyError", "'out'"])
        return DATA.get(self.mode, lambda t, data: data)(self.time, right)

    def misbehaving(self):
        """Whether the step that was begun last is step K or a later one."""
        return self.steps > self.at

    def end(self):
        """The ways to end in the middle of a step."""
        if self.mode == "exit":
            say("rawsim: out of memory in step %d" % (self.steps - 1))
            sys.exit(3)
        if self.mode == "exit_0":
            sys.exit(0)
        if self.mode == "kill":
            os.kill(os.getpid(), signal.SIGKILL)
        if self.mode == "reset":
            # SO_LINGER with a time of 0: close sends RST.
            self.sock.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
            self.sock.close()
            sys.exit(0)
        if self.mode == "close":
            self.sock.shutdown(socket.SHUT_WR)
        if self.mode in ("close", "hang"):
            wait_for_the_end()


def connection(address, remote):
    host, port = address.rsplit(":", 1)
    if not remote:
        return socket.create_connection((host, int(port)))
    with socket.socket() as listener:
        listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        listener.bind((host, int(port)))
        listener.listen(1)
        print("%s:%d" % listener.getsockname()[:2], flush=True)
        return listener.accept()[0]


def grandchild(pid_file):
    code = "import signal, time; signal.signal(signal.SIGTERM, signal.SIG_IGN); print('ready', flush=True); time.sleep(%d)" % LIFETIME
    child = subprocess.Popen([sys.executable, "-c", code], stdout=subprocess.PIPE)
    child.stdout.readline()  # it ignores SIGTERM from here on
    if pid_file:
        # Whoever waits for the file finds the number in it.
        with open(pid_file + ".part", "w") as file:
            file.write(str(child.pid))
        os.replace(pid_file + ".part", pid_file)


def main():
    modes = sorted({"", *NAMED, *("step_" + m for m in NAMED if bad_bytes(m, 0) is not None), *NEXT, *DATA, *FAILURES, *REQUESTS})
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--mode", default="", choices=modes, metavar="MODE")
    parser.add_argument("--at", type=int, default=1, metavar="K")
    parser.add_argument("--pid-file", metavar="FILE")
    parser.add_argument("--remote", action="store_true")
    parser.add_argument("address", metavar="HOST:PORT")
    args = parser.parse_args()

    signal.alarm(LIFETIME)
    if args.mode == "exit_at_start":
        say("rawsim: cannot open licence file /nowhere/licence.txt")
        sys.exit(3)
    if args.mode == "never_connect":
        wait_for_the_end()
    if args.mode == "ignore_stop":
        signal.signal(signal.SIGTERM, signal.SIG_IGN)
    if args.mode == "grandchild":
        grandchild(args.pid_file)
    with connection(args.address, args.remote) as sock:
        sock.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        if args.mode != "disconnect":
            Simulator(sock, args.mode, args.at).run()


if __name__ == "__main__":
    main()
