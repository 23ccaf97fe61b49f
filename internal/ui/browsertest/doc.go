// Package browsertest loads the page of a run in a real browser without a screen, presses its
// buttons, compares what it shows with what was recorded, and takes the pictures in docs/img.
//
// It is a module of its own, because a library to drive browsers is nothing that simrun needs.
// It looks for chromium-headless-shell, chromium or google-chrome on the path; on Debian,
// apt-get install chromium-headless-shell fonts-dejavu-core brings one. make browser runs it.
package browsertest
