"""Writes vectors_1.21.json: chunks by python-blosc 1.11.4 (C-Blosc 1.21.7) with every compressor, shuffle and kind of split.

    pip install blosc==1.11.4; python vectors.py > vectors_1.21.json
"""

import json
import struct

import blosc


def text(n):
    return (b"the quick brown fox jumps over the lazy dog. " * (n // 45 + 1))[:n]


def ramp(n):
    return b"".join(struct.pack("<d", i / 10) for i in range(n // 8 + 1))[:n]


blosc.set_nthreads(1)
vectors = []
for compressor in ("blosclz", "lz4", "lz4hc", "zlib", "zstd"):
    for shuffle in (blosc.NOSHUFFLE, blosc.SHUFFLE, blosc.BITSHUFFLE):
        for make, n, typesize in (
            (ramp, 256, 8),
            (ramp, 4099, 8),
            (ramp, 5000, 3),
            (text, 3001, 1),
            (text, 6000, 17),
            (ramp, 20003, 8),
            (text, 30000, 4),
        ):
            blosc.set_blocksize(8192 if n > 20000 else 0)
            chunk = blosc.compress(make(n), typesize=typesize, clevel=9, shuffle=shuffle, cname=compressor)
            vectors.append(
                {
                    "name": f"{compressor} {['plain', 'shuffle', 'bitshuffle'][shuffle]} {make.__name__} {n} typesize {typesize}",
                    "rule": f"{make.__name__} {n}",
                    "chunk": chunk.hex(),
                }
            )
print("[\n" + ",\n".join(json.dumps(v) for v in vectors) + "\n]")
