// Package trace keeps everything that happened in a run in a file, and finds out what
// led to what.
//
// # Format
//
// A file is one zstd stream (RFC 8878), flushed often, so that what was written
// before a kill can be read. In it are the bytes "simrun trace 1\n", the length of the
// header as a varint, the header in JSON (see [Header]), and records. Numbers are
// varints as in encoding/binary, those that are never negative unsigned; a name is the
// number 0, a length and bytes when it occurs for the first time, later its number in
// the order of first occurrences, from 1 on (names longer than 256 bytes, and those after
// the first 65,536, are never numbered); other texts are a length and bytes.
//
//	1 step   simulator; time since the step before; tier; time until the next step that
//	         it asked for, 0: none; time until that of the outputs; flags (1: external,
//	         2: unsettled, 4: failed); if failed a text;
//	         count of values, each: output minus that of the value before minus 1, value;
//	         count of requests, each: 1 if it sets, else 0; names entity, attribute, source; value;
//	         count of events of agents, each: time before that of the step, round, key, names
//	         agent and behaviour, then 0, or of a message 1 + kind + 4*fate, names from, to and
//	         method, key of the event that sent it, content and error as texts
//	2 end    1 if the run was complete, else 0; time that it has reached; error as text
//
// A value is a byte, the kind as in package sim plus 128 if it was omitted, and: nothing
// (null), a byte (bool), a varint (int), 8 bytes, the lowest first (float), a text (text), JSON as a
// text (all others). Simulators, outputs and connections are numbered by their place in
// the header.
//
// What caused a step and what it saw is not in the file: [Replay] works it out from
// outputs and connections, by the rules of package sim.
package trace
