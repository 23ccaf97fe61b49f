"""Writes vectors.json: what CPython's json module writes and accepts.

    python3 vectors.py > vectors.json

floats:  [the bits of a float64 in hex, its JSON]
strings: [code points, its JSON]
texts:   [bytes in hex, what json.loads(bytes.decode()) gives, dumped again; null if it refuses]
"""
import json
import platform
import random
import struct
import sys

rnd = random.Random(20160101)


def bits(f):
    return struct.pack(">d", f).hex()


def random_float():
    kind = rnd.randrange(6)
    if kind == 0:  # any bit pattern
        return struct.unpack(">d", rnd.randbytes(8))[0]
    if kind == 1:  # around the changes of notation
        return rnd.uniform(1, 10) * 10.0 ** rnd.choice([-6, -5, -4, -3, 14, 15, 16, 17, 21, 22])
    if kind == 2:  # few digits
        return round(rnd.uniform(-1000, 1000), rnd.randrange(6))
    if kind == 3:  # whole numbers
        return float(rnd.randrange(-(10**rnd.randrange(1, 25)), 10 ** rnd.randrange(1, 25)))
    if kind == 4:  # sums that do not come out even
        return sum(rnd.choice([0.1, 0.2, 0.3, 0.7]) for _ in range(rnd.randrange(1, 9)))
    return rnd.choice([-1, 1]) * 2.0 ** rnd.randrange(-1074, 1024)


floats = [0.0, -0.0, 1.0, -1.0, 0.1, 1e-4, 9.999999999999999e-05, 1e-5, 1e-7, 1e15, 1e16, 9999999999999998.0, 1e17,
          1e21, 1e22, 1e23, 123456789012345680.0, 5e-324, 2.2250738585072014e-308, 1.7976931348623157e308,
          float("nan"), float("inf"), float("-inf"), 0.30000000000000004, 100.0, 1e100]
floats += [random_float() for _ in range(3000)]

strings = ["", "a", '"\\/', "\b\f\n\r\t", "".join(map(chr, range(0x21))), "\x7f\x80\xff", "\u00fc\u20ac\U0001f600",
           "\ud800", "\udfff", "a\ud800b", "\udc00\ud800", "\uffff\ufffe\ufeff", "\U0010ffff", "\u2028\u2029"]


def random_char():
    top = rnd.choice([0x20, 0x80, 0x800, 0x10000, 0x110000])
    c = chr(rnd.randrange(top))
    return "?" if "\ud800" <= c <= "\udfff" else c


strings += ["".join(random_char() for _ in range(rnd.randrange(12))) for _ in range(500)]

texts = [
    b"", b" ", b"null", b" \t\r\n null \t\r\n ", b"\x0cnull", b"\xc2\xa0null", b"nul", b"nulll", b"NULL", b"true", b"false",
    b"True", b"tru", b"NaN", b"-NaN", b"nan", b"Infinity", b"-Infinity", b"+Infinity", b"Inf", b"-Inf", b"-",
    b"0", b"-0", b"00", b"01", b"-01", b"1.", b".5", b"1.5", b"-1.5e3", b"1e5", b"1E+5", b"1e-5", b"1e", b"1e+", b"+1",
    b"1e400", b"-1e400", b"1e-400", b"0x10", b"1_000", b"1 2", b"1,", b"0.0", b"-0.0", b"0e0", b"1e2", b"1.0",
    b"9223372036854775807", b"9223372036854775808", b"-9223372036854775808", b"-9223372036854775809",
    b"123456789012345678901234567890", b"1" * 4300, b"1" * 4301,
    b'""', b'"a', b'"', b"'a'", b'"\\"', b'"\\x"', b'"\\u12"', b'"\\u12g4"', b'"\\u00fc"', b'"\\u00FC"', b'"\\/"',
    b'"\\ud83d\\ude00"', b'"\\ud83d"', b'"\\ude00"', b'"\\ud83d\\ud83d\\ude00"', b'"\\ud83dx"', b'"\\ud83d\\n"',
    b'"\\ud83d\\u0041"', b'"\\ud83d\\u12"', b'"\\ude00\\ud83d"', b'"\\u0000"', b'"\x00"', b'"\n"', b'"\t"', b'"\x1f"', b'"\x7f"',
    b'"\xc3\xbc\xe2\x82\xac\xf0\x9f\x98\x80"', b'"\xff"', b'"\xc3"', b'"\xc0\x80"', b'"\xed\xa0\x80"', b'"\xf4\x90\x80\x80"',
    b"\xef\xbb\xbfnull", b'"\xef\xbb\xbf"', b"[]", b"[ ]", b"[1]", b"[1,2]", b"[ 1 , 2 ]", b"[1,]", b"[,1]", b"[,]", b"[1 2]", b"[",
    b"]", b"[1", b"[1,", b"[1]]", b"[1}", b"{}", b"{ }", b'{"a":1}', b'{ "a" : 1 , "b" : 2 }', b'{"a":1,}', b'{"a"}', b'{"a":}',
    b'{"a" 1}', b"{a:1}", b"{1:1}", b"{null:1}", b"{", b"}", b'{"a":1', b'{"a":1]', b'{"a":1,"a":2}', b'{"a":1,"b":2,"a":3}',
    b'{"":0}', b'{"\\u0061":1,"a":2}', b'{"a":{"a":{"a":[]}}}', b"[[],{}]", b"// x\n1", b"[1/**/]", b"[NaN,Infinity,-Infinity]",
    b"[" * 500 + b"]" * 500, b'{"a":1}x', b'"a" "b"', b"[1]\x00", b"nullnull", b"-1-", b"--1", b"1.5.5", b"1e5e5", b"[-]", b"[1e]",
]


def loaded(text):
    try:
        s = text.decode()
        if s.startswith("\ufeff"):
            return None
        return json.dumps(json.loads(s))
    except ValueError:
        return None


json.dump({
    "python": platform.python_version(),
    "floats": [[bits(f), json.dumps(f)] for f in floats],
    "strings": [[[ord(c) for c in s], json.dumps(s)] for s in strings],
    "texts": [[t.hex(), loaded(t)] for t in texts],
}, sys.stdout, indent=None, separators=(",\n", ":"))
