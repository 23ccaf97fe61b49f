package scenarios

// SetMaxCount limits how many entities a group may have, for fuzzing.
func SetMaxCount(n int) { maxCount = n }

var (
	ReplaceName  = replaceName
	StartTimeout = startTimeout
)
