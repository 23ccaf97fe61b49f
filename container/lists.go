package container

import (
	"math"
	"unicode/utf8"
	"unsafe"
)

// lists copies small lists, which most messages have, many into one piece of memory. With
// memory for each, a call that takes and returns a list takes an eighth longer.
//
// Whoever keeps such a list keeps those beside it. So there are few, and they hold
// nothing large, nor other lists, with which others would be kept, and so on.
type lists struct {
	items []any   // room for those of the next lists
	heads [][]any // room for the next lists that become values
}

const (
	roomItems = 63 // 1 KiB with what the runtime adds
	roomHeads = 21
	maxItems  = 8  // of one list
	maxText   = 64 // bytes of a string in one
)

// copy returns what arrives of a list, see plain, unless it is none of these.
func (l *lists) copy(list []any) (copied any, ok bool) {
	n := len(list)
	if list == nil || n > maxItems {
		return nil, false
	}
	if n > len(l.items) || len(l.heads) == 0 {
		l.makeRoom(n)
	}
	items := l.items[:n:n]
	for i, item := range list {
		switch v := item.(type) {
		case nil, bool, int64:
		case int:
			item = int64(v)
		case float64:
			if v != v {
				item = math.NaN()
			}
		case string:
			if len(v) > maxText || !utf8.ValidString(v) {
				return nil, false
			}
		default:
			return nil, false
		}
		items[i] = item
	}
	l.items = l.items[n:]
	// Go would allocate memory for a list that becomes a value, one by one.
	head := &l.heads[0]
	l.heads = l.heads[1:]
	*head = items
	v := anyWords{listType, unsafe.Pointer(head)}
	return *(*any)(unsafe.Pointer(&v)), true
}

// makeRoom makes room for a list of n items.
func (l *lists) makeRoom(n int) {
	if n > len(l.items) || l.items == nil { // an empty list is not nil
		l.items = make([]any, roomItems)
	}
	if len(l.heads) == 0 {
		l.heads = make([][]any, roomHeads)
	}
}

// anyWords is what the runtime keeps of a value of type any: what type it has, and where
// it is, which must not change any more.
type anyWords struct{ typ, data unsafe.Pointer }

// listType stands for []any.
var listType = func() unsafe.Pointer {
	var list any = []any{}
	return (*anyWords)(unsafe.Pointer(&list)).typ
}()
