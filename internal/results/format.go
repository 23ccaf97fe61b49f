package results

import (
	"fmt"
	"path/filepath"
	"slices"
	"strings"

	"github.com/simrun/simrun/internal/suggest"
)

// Format is how recorded values are kept in a file. The package documentation
// describes each.
type Format string

// The formats.
const (
	CSV       Format = "csv"      // a line for each value
	WideCSV   Format = "csv-wide" // a column for each series, a line for each time
	JSONLines Format = "jsonl"    // a JSON object for each value
	Parquet   Format = "parquet"
	SQLite    Format = "sqlite"
)

// fileNames are the names of the files of values in run folders.
var fileNames = map[Format]string{
	CSV: "results.csv", WideCSV: "results-wide.csv", JSONLines: "results.jsonl", Parquet: "results.parquet", SQLite: "results.sqlite",
}

// Formats are the names of all formats, the default first.
func Formats() []string {
	return []string{string(CSV), string(WideCSV), string(JSONLines), string(Parquet), string(SQLite)}
}

// ParseFormat reads the name of a format.
func ParseFormat(name string) (Format, error) {
	if slices.Contains(Formats(), name) {
		return Format(name), nil
	}
	return "", fmt.Errorf("no format %q; %s", name, suggest.Sentence(name, Formats()))
}

// extensions are the formats by the extensions of files.
var extensions = map[string]Format{".csv": CSV, ".jsonl": JSONLines, ".parquet": Parquet, ".sqlite": SQLite}

// FormatOf tells the format of a file by its extension.
func FormatOf(path string) (Format, error) {
	if f, ok := extensions[strings.ToLower(filepath.Ext(path))]; ok {
		return f, nil
	}
	return "", fmt.Errorf("%s: the extension says which format to write; use .csv, .jsonl, .parquet or .sqlite", path)
}
