package mosaik

import (
	"fmt"
	"slices"
	"strconv"
	"strings"
)

// version is a version of the API, [3, 0, 16] for "3.0.16".
type version []int

func parseVersion(text string) (version, error) {
	var v version
	for part := range strings.SplitSeq(text, ".") {
		n, err := strconv.Atoi(part)
		if err != nil || n < 0 {
			return nil, fmt.Errorf("the API version %q is not a version such as 3.0", text)
		}
		v = append(v, n)
	}
	return v, nil
}

func (v version) String() string {
	parts := make([]string, len(v))
	for i, n := range v {
		parts[i] = strconv.Itoa(n)
	}
	return strings.Join(parts, ".")
}

func (v version) before(w ...int) bool { return slices.Compare(v, w) < 0 }

// covers reports whether w is the version v, or one that v leaves open: 3 covers
// 3.0.16. (mosaik wants them to be equal.)
func (v version) covers(w version) bool { return len(v) <= len(w) && slices.Equal(v, w[:len(v)]) }

func (v version) supported() error {
	if v.before(1) || !v.before(4) {
		return fmt.Errorf("the API version %v is not supported; versions 1 to 3 are", v)
	}
	return nil
}

// What changed between versions.

func (v version) hasSetupDone() bool  { return !v.before(2, 2) }
func (v version) hasMaxAdvance() bool { return !v.before(3) }
func (v version) hasType() bool       { return !v.before(3) }

// hasTimeResolution: the programs of version 2 do not expect it in init. That
// mosaik 3 sends it to all is why it cannot start many of them.
func (v version) hasTimeResolution() bool { return !v.before(3) }
