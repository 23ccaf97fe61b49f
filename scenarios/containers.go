package scenarios

import (
	"slices"
	"strings"

	yaml "go.yaml.in/yaml/v4"

	"github.com/simrun/simrun/internal/codecs"
	"github.com/simrun/simrun/internal/containers"
	"github.com/simrun/simrun/internal/suggest"
)

// hostContainer is an entry of the section containers: where agents can live that
// do not live in the process of the run.
type hostContainer struct {
	containers.Config
	at        *yaml.Node // its name in the file
	commandAt *yaml.Node // nil without a command
	connectAt *yaml.Node // nil without an address to connect to
	broken    bool       // reported
	agents    int        // that live there
}

var (
	hostKeys        = []string{"transport", "codec", "tls", "timeouts"}
	hostCommandKeys = []string{"command", "transport", "codec", "tls", "dir", "env", "timeouts"}
	hostConnectKeys = []string{"connect", "codec", "tls", "timeouts"}
	tlsKeys         = []string{"ca", "cert", "key"}
)

// containers reads the section containers.
func (r *reader) containers(n *yaml.Node) []*hostContainer {
	var list []*hostContainer
	for key, value := range r.named(n, "containers") {
		h := &hostContainer{at: key}
		h.Name, h.Dir, h.Transport, h.Codec = key.Value, r.dir, containers.Unix, codecs.Default
		list = append(list, h)
		before := len(r.problems)
		if !isNull(value) { // a name alone is enough
			r.container(h, value)
		}
		h.broken = len(r.problems) > before
	}
	r.differentAddresses(list)
	return list
}

// differentAddresses reports containers that are one: what listens at an address
// takes part in a run once.
func (r *reader) differentAddresses(list []*hostContainer) {
	names := make(map[string]string)
	for _, h := range list {
		if h.connectAt == nil || h.broken {
			continue
		}
		_, where, _ := strings.Cut(h.Connect, "://") // tcp and tls are at the same ports
		if other, taken := names[where]; taken {
			r.bad(h.connectAt, "let all these agents live in "+other+", or start another container at another address",
				"containers.%s: container %q is at the address %s already", h.Name, other, where)
			h.broken = true
			continue
		}
		names[where] = h.Name
	}
}

func (r *reader) container(h *hostContainer, n *yaml.Node) {
	path := "containers." + h.Name
	keys := hostKeys
	if n.Kind == yaml.MappingNode {
		var has []string
		for key := range pairsOf(n) {
			switch key.Value {
			case "command":
				has, keys = append(has, key.Value), hostCommandKeys
			case "connect":
				has, keys = append(has, key.Value), hostConnectKeys
			}
		}
		if len(has) > 1 {
			r.bad(h.at, `write "command: ..." to start one, "connect: ADDRESS" for one that runs, or neither for one of simrun's own`, "%s: has both %s", path, strings.Join(has, " and "))
			return
		}
	}
	by := r.fields(n, path, keys)
	if by == nil {
		return
	}
	before := len(r.problems)
	h.Dir, h.Env = r.workingDir(by["dir"], path+".dir"), r.environment(by["env"], path+".env")
	if n := by["command"]; n != nil {
		h.commandAt = n
		h.Command, h.CommandLine, _ = r.command(n, path+".command")
	}
	if n := by["connect"]; n != nil {
		h.connectAt = n
		h.Connect, _ = r.text(n, path+".connect")
	}
	r.oneOf(&h.Transport, by["transport"], path+".transport", containers.Transports())
	r.oneOf(&h.Codec, by["codec"], path+".codec", codecs.Names())
	if n := by["tls"]; n != nil {
		files := r.fields(n, path+".tls", tlsKeys)
		for i, to := range []*string{&h.TLS.CA, &h.TLS.Cert, &h.TLS.Key} {
			if n := files[tlsKeys[i]]; n != nil {
				if file, ok := r.text(n, path+".tls."+tlsKeys[i]); ok && file != "" {
					*to = r.beside(file)
				}
			} else if files != nil {
				r.bad(by["tls"], "give the files of an authority, a certificate and its key", "%s.tls: %s is missing", path, tlsKeys[i])
			}
		}
	}
	if n := by["timeouts"]; n != nil {
		if t := r.fields(n, path+".timeouts", []string{"start"}); t["start"] != nil {
			h.StartTimeout, _ = r.positive(t["start"], path+".timeouts.start")
		}
	}
	if len(r.problems) > before {
		return
	}
	if err := h.Check(); err != nil {
		at := h.at
		for _, key := range []string{"tls", "command", "connect"} {
			if by[key] != nil {
				at = by[key]
			}
		}
		for text := range strings.SplitSeq(err.Error(), "\n") { // of errors.Join
			r.bad(at, "", "%s: %s", path, text)
		}
	}
}

// oneOf reads a text that is one of those known, if there is a node.
func (r *reader) oneOf(to *string, n *yaml.Node, where string, known []string) {
	if n == nil {
		return
	}
	text, ok := r.text(n, where)
	if ok && !slices.Contains(known, text) {
		r.bad(n, suggest.Sentence(text, known), "%s: %q is not known", where, text)
	}
	*to = text
}

// livesIn reads the container of an agent, or of each agent of a group if it uses
// the index i.
func (r *reader) livesIn(s *Scenario, g *group, n *yaml.Node, where string) (names []string) {
	if n == nil {
		return nil
	}
	sc := r.scope.with("i", int64(0))
	sc.define("n", int64(g.count))
	count := 1
	if usesIndex(n, sc) {
		count = g.count
	}
	for i := range count {
		sc.define("i", int64(i))
		v, ok := r.value(n, sc)
		if !ok {
			return nil
		}
		name, isText := v.(string)
		if !isText {
			r.bad(n, "give the name of a container", "%s: must be text, this is %s", where, describe(v))
			return nil
		}
		at := slices.IndexFunc(s.containers, func(h *hostContainer) bool { return h.Name == name })
		if at < 0 {
			var known []string
			for _, h := range s.containers {
				known = append(known, h.Name)
			}
			r.bad(n, suggest.Sentence(name, known), "%s: no container %q", where, name)
			return nil
		}
		s.containers[at].agents += g.count / count
		names = append(names, name)
	}
	return names
}
