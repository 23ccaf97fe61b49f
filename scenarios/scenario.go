package scenarios

import (
	"fmt"
	"io/fs"
	"maps"
	"slices"
	"time"

	yaml "go.yaml.in/yaml/v4"

	"github.com/simrun/simrun/internal/diag"
	"github.com/simrun/simrun/sim"
)

// Version is the version of the scenario format that this package reads.
const Version = 1

// Scenario is a scenario file that was read: nothing in it has been started.
// It is immutable and may be used concurrently.
type Scenario struct {
	Path  string // as given to Read
	Name  string
	Title string // one line, "" if not given

	Start      time.Time     // date of virtual time 0 in UTC; zero if not given
	Until      sim.Time      // the end of the run
	Resolution time.Duration // of integer steps
	MaxRounds  int           // of weak connections at one time; 0: the world's default
	Pace       float64       // virtual seconds in a second of real time; 0: as fast as possible
	Seed       uint64
	MaxLag     time.Duration // behind real time, with a Pace; 0: any
	Parameters sim.Params    // as they are after --set

	// Digest is the SHA-256 of the file and of what ReadOptions override, in hex. It does
	// not cover the files that the scenario refers to.
	Digest string

	text     []byte
	source   *source
	shipped  bool                               // comes with simrun
	unpacked string                             // where Unpack wrote its files
	dir      string                             // the file's
	open     func(name string) (fs.File, error) // for models

	agentTypes []sim.AgentType

	// In the order of the file, agents after the simulators.
	simulators     []*simulator
	simulatorNamed map[string]*simulator
	containers     []*hostContainer
	groups         []*group
	groupNamed     map[string]*group
	connections    []*connection
	given          []string // sections that there are
	startBroken    bool     // Start stands for a date that could not be read
	connectBroken  bool     // there are connections that could not be read
	recordings     []*recording
	recordGiven    bool // there is a section record, even if it is an empty list
}

// Text is the file as it was read. It must not be changed.
func (s *Scenario) Text() []byte { return s.text }

// topKeys are the sections, in the order in which they are documented.
var topKeys = []string{"simrun", "name", "title", "start", "until", "resolution", "pace", "max_lag", "seed", "max_rounds",
	"parameters", "simulators", "entities", "containers", "agents", "network", "connect", "record"}

const defaultResolution = time.Second

// decode reads the whole file into s.
func (r *reader) decode(s *Scenario, root *yaml.Node, o ReadOptions) {
	sections := r.fields(root, "", topKeys)
	s.given = slices.Collect(maps.Keys(sections))
	r.version(sections["simrun"], root)
	overrides := r.overrides(o.Set)
	s.Parameters = r.parameters(sections["parameters"], overrides)
	r.head(s, sections, root)
	r.seed(s, sections["seed"], o.Seed)
	r.scope.define("seed", int64(s.Seed))
	if !s.Start.IsZero() {
		r.scope.define("start", s.Start)
		r.scope.broken["start"] = s.startBroken
	}

	s.simulatorNamed, s.groupNamed = make(map[string]*simulator), make(map[string]*group)
	s.simulators = r.simulators(sections["simulators"], o.Registry)
	for _, sm := range s.simulators {
		s.simulatorNamed[sm.name] = sm
	}
	s.containers = r.containers(sections["containers"])
	if n := sections["agents"]; n != nil && !isNull(n) && (n.Kind != yaml.MappingNode || len(n.Content) > 0) {
		r.agentGroups(s, n, o.Registry)
	}
	r.network(s, sections["network"])
	r.entityGroups(s, sections["entities"])
	if len(s.simulators) == 0 && len(r.problems) == 0 {
		r.bad(root, "add a section simulators or agents", "the scenario has nothing to run")
	}
	r.connect(s, sections["connect"])
	r.record(s, sections["record"])
}

func (r *reader) version(n, root *yaml.Node) {
	if n == nil {
		r.bad(root, `begin with "simrun: 1"`, "the version of the format is missing")
		return
	}
	if v, ok := r.value(n, r.scope); ok && v != int64(Version) {
		r.bad(n, "write 1, or use the simrun that the file was written for", "simrun: this reads version %d of the format, not %s", Version, describe(v))
	}
}

// head reads the values that are not sections.
func (r *reader) head(s *Scenario, by map[string]*yaml.Node, root *yaml.Node) {
	if n := by["name"]; n == nil {
		r.bad(root, `add a line like "name: district"`, "name is missing")
	} else if name, ok := r.text(n, "name"); ok {
		if !nameForm.MatchString(name) {
			r.bad(n, "use letters, digits, _ and -, and begin with a letter; title may be any text", "name: %q cannot be a name", name)
		}
		s.Name = name
	}
	if n := by["title"]; n != nil {
		s.Title, _ = r.text(n, "title")
	}
	if n := by["start"]; n != nil {
		s.Start = r.start(n)
	}
	s.Until = r.until(by["until"], root, s.Start, by["start"] != nil)
	if by["start"] != nil && s.Start.IsZero() {
		s.startBroken, s.Start = true, someDate
	}
	s.Resolution = defaultResolution
	if n := by["resolution"]; n != nil {
		s.Resolution, _ = r.positive(n, "resolution")
	}
	if n := by["pace"]; n != nil {
		s.Pace = r.pace(n)
	}
	if n := by["max_lag"]; n != nil {
		s.MaxLag, _ = r.positive(n, "max_lag")
	}
	if n := by["max_rounds"]; n != nil {
		s.MaxRounds = r.maxRounds(n)
	}
}

// maxSeed is the largest whole number that all languages read alike.
const maxSeed = 1 << 53

// seed reads the root of all random numbers, or takes the one that overrides it.
func (r *reader) seed(s *Scenario, n *yaml.Node, override *uint64) {
	if n != nil {
		seed, _ := r.count(n, "seed", maxSeed)
		s.Seed = uint64(seed)
	}
	if override == nil {
		return
	}
	if s.Seed = *override; s.Seed > maxSeed {
		r.problems = append(r.problems, diag.Problem{File: fmt.Sprintf("--seed %d", s.Seed),
			What: "is too large", Do: fmt.Sprintf("give a whole number from 0 to %d", maxSeed)})
	}
}

// someDate stands for a start that could not be read, so that models which need a
// date do not complain as well.
var someDate = time.Date(2000, time.January, 1, 0, 0, 0, 0, time.UTC)

// start reads the date of virtual time 0. It is zero if that was reported.
func (r *reader) start(n *yaml.Node) time.Time {
	text, ok := r.text(n, "start")
	if !ok {
		return time.Time{}
	}
	date, ok := dateOf(text)
	if !ok {
		r.bad(n, "write it like 2026-06-01 or 2026-06-01T12:00:00Z", "start: %q is not a date", text)
	}
	return date
}

// until reads the end of the run: a length of time, or a date after start.
func (r *reader) until(n, root *yaml.Node, start time.Time, dated bool) sim.Time {
	if n == nil {
		r.bad(root, `add a line like "until: 7d"`, "until is missing")
		return 0
	}
	v, ok := r.value(n, r.scope)
	if !ok {
		return 0
	}
	if text, isText := v.(string); isText {
		if date, isDate := dateOf(text); isDate {
			switch {
			case !dated:
				r.bad(n, `add a line like "start: 2026-06-01"`, "until: a date needs a start")
			case start.IsZero(): // reported there
			case !date.After(start):
				r.bad(n, "give a later date, or a length of time like 7d", "until: %s is not after start, %s", text, start.Format(time.RFC3339))
			case !start.Add(date.Sub(start)).Equal(date): // Sub ends at the largest Duration
				r.bad(n, "end it sooner", "until: more than 292 years after start")
			}
			return sim.Time(date.Sub(start))
		}
	}
	d, _ := r.positive(n, "until")
	return sim.Time(d)
}

// pace reads "fast", or a factor of real time.
func (r *reader) pace(n *yaml.Node) float64 {
	v, ok := r.value(n, r.scope)
	switch v := v.(type) {
	case int64:
		if v > 0 {
			return float64(v)
		}
	case float64:
		if v > 0 {
			return v
		}
	case string:
		if v == "fast" {
			return 0
		}
	}
	if ok {
		r.bad(n, "write fast, 1 for real time, or 10 for ten times as fast", "pace: must be fast or a number above 0, this is %s", describe(v))
	}
	return 0
}
