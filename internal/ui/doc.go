// Package ui serves a page that shows a run, while it goes on or when it has
// ended, to one person who has its address.
//
// # What it must not do
//
// The page looks at a run and never holds it up. All that it shows are snapshots
// that are made for it a few times a second, however many look; values are kept as
// [Curve], of a fixed size, and of messages of agents some in a row for each snapshot. A reader that is slow misses snapshots. Only the buttons
// act on the run, through [sim.Control] and the cancellation of its context, and they
// do not change what it computes.
//
// # Who can see it
//
// The server listens on a loopback address unless it is told another one. Every
// request needs the token that is in the printed address, which the page then keeps
// as a cookie. Requests for another host name than those of the machine are refused,
// so that no page elsewhere reaches the server by a name of its own (DNS rebinding), and
// requests that change something must come from the page itself. The page loads
// nothing from elsewhere, and its policy forbids the browser to.
//
// page/uPlot.* is uPlot 1.6.32 (MIT, page/uPlot.LICENSE), from the package uplot of npm.
package ui
