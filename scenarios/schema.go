package scenarios

import (
	"bytes"
	_ "embed"
)

//go:embed schema.json
var schema []byte

// Schema returns the JSON Schema (draft 2020-12) of scenario files, for editors.
// It knows the keys and the types, not the names that a file gives to things:
// those are for Read and Check.
func Schema() []byte { return bytes.Clone(schema) }
