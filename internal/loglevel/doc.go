// Package loglevel makes loggers that log from a level on, which may differ by package.
package loglevel
