package scenarios

import (
	"embed"
	"fmt"
	"io/fs"
	"path"
	"path/filepath"
	"strings"

	yaml "go.yaml.in/yaml/v4"
)

// shipped are the scenarios that come with simrun, and the data they read.
//
//go:embed *.yaml data/*.csv data/street/*.csv data/street/*.data data/street/*.json data/village/*.csv
var shipped embed.FS

// Info tells about a shipped scenario.
type Info struct {
	Name  string // for builtin:NAME
	Title string
}

// builtinPrefix marks the name of a shipped scenario in the place of a path.
const builtinPrefix = "builtin:"

// Builtin lists the shipped scenarios, sorted by name.
func Builtin() []Info {
	var list []Info
	for _, name := range builtinNames() {
		var head struct {
			Title string `yaml:"title"`
		}
		text, err := Source(builtinPrefix + name)
		if err == nil {
			err = yaml.Unmarshal(text, &head)
		}
		if err != nil {
			panic(fmt.Sprintf("scenarios: shipped scenario %s: %v", name, err)) // a test reads them all
		}
		list = append(list, Info{Name: name, Title: head.Title})
	}
	return list
}

func builtinNames() []string {
	files, err := fs.Glob(shipped, "*.yaml")
	if err != nil {
		panic(err) // the pattern is right
	}
	for i := range files {
		files[i] = strings.TrimSuffix(files[i], ".yaml")
	}
	return files
}

// openShipped opens a data file of a shipped scenario.
func openShipped(name string) (fs.File, error) {
	return shipped.Open(path.Clean(filepath.ToSlash(name)))
}
