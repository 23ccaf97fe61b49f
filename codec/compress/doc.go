// Package compress makes codecs that compress each payload as a whole: with LZ4
// between simrun's own peers, with Blosc for aiomas' MsgPackBlosc.
//
// Both sides of a connection must use the same one. A channel packs what it sends
// and unpacks what it receives; everything between these works on payloads that
// are not compressed.
package compress
