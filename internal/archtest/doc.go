// Package archtest holds the tests of the architecture: which package may
// import which, what must not know the wall clock, what stays small. It has no
// code of its own.
package archtest
