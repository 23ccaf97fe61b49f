// Package mosaik makes an external program a simulator of a World: any program
// that speaks the simulator API of mosaik over TCP, in versions 1 to 3. The other
// way round, it serves a simulator that is written in Go to mosaik.
//
// # Model
//
// [New] makes a sim.Simulator. When it is added to a World its Init starts the
// program, or connects to a running one, as [Config] says:
//
//	w.Add(ctx, "house", mosaik.New(mosaik.Config{
//		CommandLine: "python -m my_simulator {addr}",
//		Log:         "logs/house.log",
//	}), sim.AddOptions{})
//
// Several programs are started side by side by calling [Simulator.Start] before
// they are added.
//
// Integer times on the wire count units of the resolution of the simulator's
// sim.Env.
//
// # Values
//
// Values pass through as the program wrote them: digits, integer or float, NaN
// and the order of keys stay, because a value that is only forwarded is never
// decoded. A persistent attribute that a program leaves out of its data becomes
// null, with a warning, and triggers nobody; values for attributes that were not
// asked for are dropped with a warning.
//
// Within a step, an input lists its sources in the order of the World. If one
// entity feeds an input twice, its key appears twice; Python peers keep the
// last, as mosaik does: of events, the newest.
//
// # One write
//
// If anybody reads outputs, step and the get_data that follows it go out in one
// write, which saves a round trip. A program must therefore handle requests one
// after the other, as all mosaik-api packages for Python do, also when it makes
// requests of its own in the middle of a step. For others see
// Config.SeparateGetData.
//
// # Failures
//
// Whatever goes wrong ends in one error that says what the program was asked,
// its process ID and how it ended, its last lines of output, and where its log
// is. After a failed request only Close may be called. Close asks the program
// to stop, and ends it with all it has started if it does not.
//
// # Serving
//
// [Serve] connects to a mosaik that has started the program, [ServeListener] waits
// for one to connect. The simulator is asked one thing after the other, and may ask
// back by its sim.Env. It speaks version 3.0, or another one that [ServeConfig] names. A failed step is answered with its
// error, ends the simulator, and is what Serve returns: mosaik itself only logs it.
// However the connection ends, a step under way is cancelled and the simulator is
// closed. docs/mosaik.md tells what mosaik cannot know or say about it.
//
// # Versions
//
// Checked against mosaik-api-v3 3.0.16 and mosaik-api 2.4.2 for Python, as
// orchestrated by mosaik 3.7.1, with recordings of mosaik 3.6.0, and with random
// worlds that are run in both; docs/mosaik.md tells where mosaik differs. Beyond what
// mosaik accepts: programs for API 2 whose init knows no time_resolution, an
// api_version that is a number, models without attrs.
package mosaik
