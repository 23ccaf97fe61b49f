// Command readmeplot draws the picture in the README from a run of the shipped
// district: the power at the transformer with and without batteries, and how
// full the batteries are.
//
//	simrun run builtin:district --out /tmp/district
//	go run ./internal/readmeplot /tmp/district/results.csv docs/img/district.svg
//
// The name of the picture decides its format: .svg, or .png to look at.
package main

import (
	"bytes"
	"fmt"
	"os"
	"path/filepath"
)

func main() {
	if len(os.Args) != 3 {
		fmt.Fprintln(os.Stderr, "usage: readmeplot RESULTS.csv PICTURE.svg")
		os.Exit(2)
	}
	if err := run(os.Args[1], os.Args[2]); err != nil {
		fmt.Fprintln(os.Stderr, "readmeplot:", err)
		os.Exit(1)
	}
}

func run(results, picture string) error {
	in, err := os.Open(results)
	if err != nil {
		return err
	}
	defer in.Close()
	table, err := read(in)
	if err != nil {
		return fmt.Errorf("%s: %w", results, err)
	}
	drawing, err := draw(table, filepath.Ext(picture))
	if err != nil {
		return fmt.Errorf("%s: %w", results, err)
	}
	var out bytes.Buffer
	if _, err := drawing.WriteTo(&out); err != nil {
		return err
	}
	// The font that the plot library measures with is not on every machine that
	// shows the picture; these are as wide.
	text := bytes.ReplaceAll(out.Bytes(), []byte("font-family:Liberation Sans;"),
		[]byte("font-family:Liberation Sans,Arial,Helvetica,sans-serif;"))
	return os.WriteFile(picture, text, 0o644)
}
