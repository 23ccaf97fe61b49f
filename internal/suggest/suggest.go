// Package suggest finds what a misspelt name was meant to be.
package suggest

import (
	"fmt"
	"slices"
	"strings"
	"unicode/utf8"
)

// Sentence says what name may have meant, as the second half of an error
// message: `did you mean "soc"?`, `there are "a", "b"`, or `there are none`.
// The known names are listed in the order given.
func Sentence(name string, known []string) string {
	if best := Nearest(name, known); best != "" {
		return fmt.Sprintf("did you mean %q?", best)
	}
	if len(known) == 0 {
		return "there are none"
	}
	const most = 12
	quoted := make([]string, 0, most+1)
	for _, k := range known {
		if len(quoted) == most {
			quoted = append(quoted, fmt.Sprintf("and %d more", len(known)-most))
			break
		}
		quoted = append(quoted, fmt.Sprintf("%q", k))
	}
	if len(quoted) == 1 {
		return "there is " + quoted[0]
	}
	return "there are " + strings.Join(quoted, ", ")
}

// Nearest returns the known name that is nearest to name, or "" if none is
// near. Case does not count as a difference; among equals the first in byte
// order wins.
func Nearest(name string, known []string) string {
	length := utf8.RuneCountInString(name)
	limit := max(1, length/3)
	best, bestDist := "", limit+1
	for _, k := range slices.Sorted(slices.Values(known)) {
		if more := length - utf8.RuneCountInString(k); max(more, -more) >= bestDist {
			continue // the distance is no less, and takes long to work out for a long text that a peer has sent
		}
		if d := distance(strings.ToLower(name), strings.ToLower(k)); d < bestDist {
			best, bestDist = k, d
		}
	}
	return best
}

// distance is the optimal string alignment distance: insertions, deletions,
// substitutions, and swaps of neighbours each count one (Boytsov, "Indexing
// methods for approximate dictionary searching", ACM JEA 16, 2011, sec. 2.1).
func distance(a, b string) int {
	s, t := []rune(a), []rune(b)
	prev2, prev, cur := make([]int, len(t)+1), make([]int, len(t)+1), make([]int, len(t)+1)
	for j := range prev {
		prev[j] = j
	}
	for i := 1; i <= len(s); i++ {
		cur[0] = i
		for j := 1; j <= len(t); j++ {
			cost := 1
			if s[i-1] == t[j-1] {
				cost = 0
			}
			cur[j] = min(prev[j]+1, cur[j-1]+1, prev[j-1]+cost)
			if i > 1 && j > 1 && s[i-1] == t[j-2] && s[i-2] == t[j-1] {
				cur[j] = min(cur[j], prev2[j-2]+1)
			}
		}
		prev2, prev, cur = prev, cur, prev2
	}
	return prev[len(t)]
}
