package channel

import (
	"testing"

	"pgregory.net/rapid"
)

// The table holds what a map would, whichever calls stay open for long.
func TestCallTable(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		var table callTable
		model := map[uint64]Completer{}
		next := uint64(0)
		t.Repeat(map[string]func(*rapid.T){
			"put": func(t *rapid.T) {
				for range rapid.IntRange(1, 40).Draw(t, "n") {
					p := new(single)
					table.put(next, p)
					model[next] = p
					next++
				}
			},
			"remove": func(t *rapid.T) {
				for range rapid.IntRange(1, 40).Draw(t, "n") {
					id := rapid.Uint64Range(0, next).Draw(t, "id")
					if _, open := model[id]; open {
						table.take(id)
						delete(model, id)
					}
				}
			},
			"give up": func(t *rapid.T) {
				id := rapid.Uint64Range(0, next).Draw(t, "id")
				if model[id] != nil {
					table.giveUp(id)
					model[id] = nil
				}
			},
			"": func(t *rapid.T) {
				if table.len() != len(model) {
					t.Fatalf("%d calls instead of %d", table.len(), len(model))
				}
				waiting := 0
				for id := range next + 20 {
					p, open := table.get(id)
					want, wantOpen := model[id]
					if p != want || open != wantOpen {
						t.Fatalf("call %d: %v, %v instead of %v, %v", id, p, open, want, wantOpen)
					}
					if p != nil {
						waiting++
					}
				}
				table.all(func(Completer) { waiting-- })
				if waiting != 0 {
					t.Fatalf("all() misses %d", waiting)
				}
			},
		})
	})
}
