// Package blosc reads and writes chunks of the format Blosc 1, as aiomas 2.0.1
// sends with its codec MsgPackBlosc.
//
// # Format
//
// A chunk begins with 16 bytes, numbers little endian:
//
//	0 version, 2      4 size of the data    u32
//	1 version of the  8 size of a block     u32
//	  compressor, 1  12 size of the chunk   u32
//	2 flags
//	3 size of an item of the data, for shuffling
//
// If the flag stored is set, the data follow. Otherwise there are the offsets of
// the blocks (u32 each), and the blocks. The last block may be shorter. A block
// is one stream, or, if it is split, as many as an item has bytes; a stream is its
// length (i32) and its bytes, compressed unless they are as many as it stands
// for. A block may be shuffled: first byte of each item, second byte of each
// item, and so on, or the same with bits.
//
// # What is supported
//
// Decompress takes everything that C-Blosc 1.5 to 1.21 write, with the compressors
// blosclz, LZ4, zlib and zstd (not snappy). Compress writes blosclz without
// shuffling, which is of no use to MsgPack, or stores. Checked against
// python-blosc 1.5.1 and 1.11.4.
package blosc
