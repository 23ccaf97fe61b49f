// Package bench is what the programs share that compare simrun with others and say whether it keeps what is promised
// about its speed. A [Comparison] measures its cases in several rounds, in which they follow each other and change
// direction: what else the machine does in a round, and what warms up in it, is the same for all. It prints a table and a
// line for each bar,
//
//	bar external-step ratio 2.85 target 1.60 ok
//
// in which "short" stands for a bar that is missed, and makes the exit status 1.
//
// What is measured runs in a process of its own: another program, the benchmarks of a package, or the comparing
// program itself once more, as a client or as a server.
package bench
