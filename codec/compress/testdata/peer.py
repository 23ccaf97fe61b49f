"""The real msgpack and Blosc, called as aiomas 2.0.1 calls them.

Reads a line of two words in hexadecimal: a MsgPack payload, and a Blosc chunk. Writes a line: the payload, unpacked and
packed again; what is in the chunk; and the payload compressed with the defaults, then with each compressor and shuffle.
"""

import sys

import blosc
import msgpack


def compressed(payload):
    yield blosc.compress(payload, typesize=8)
    for compressor in ("blosclz", "lz4", "lz4hc", "zlib", "zstd"):
        for shuffle in (blosc.NOSHUFFLE, blosc.SHUFFLE, blosc.BITSHUFFLE):
            yield blosc.compress(payload, typesize=4, shuffle=shuffle, cname=compressor)


for line in sys.stdin:
    payload, chunk = map(bytes.fromhex, line.split())
    value = msgpack.unpackb(payload, raw=False, use_list=False, strict_map_key=False)
    again = msgpack.packb(value, use_bin_type=True)
    words = [again, blosc.decompress(chunk), *compressed(payload)]
    print(" ".join(word.hex() for word in words), flush=True)
