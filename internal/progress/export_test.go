package progress

// Bar is what Auto is on a terminal.
const Bar = bar
