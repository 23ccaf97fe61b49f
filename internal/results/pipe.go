package results

import "io"

// pipe is a file of which nothing can be taken back or made durable.
type pipe struct{ io.WriteCloser }

func (pipe) Truncate(int64) error { return nil }
func (pipe) Sync() error          { return nil }
