package sim

// LimitEvents has runs take less events from hosts for one step, until it is undone.
func LimitEvents(bytes int) (undo func()) {
	before := maxStepEvents
	maxStepEvents = bytes
	return func() { maxStepEvents = before }
}
