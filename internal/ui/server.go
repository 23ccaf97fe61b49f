package ui

import (
	"context"
	"embed"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"net"
	"net/http"
	"strconv"
	"strings"
	"sync"
	"time"
)

//go:embed page
var page embed.FS

const (
	// tick is the time between two looks at the run for each page that is open.
	tick = 250 * time.Millisecond
	// patience is how long a page may take to receive something.
	patience = 10 * time.Second
	// farewell is how long pages that are open may take to receive how the run ended.
	farewell = time.Second
	// mostPages is how many pages may be open.
	mostPages = 16
	// mostChosen is how many series a page may show.
	mostChosen = 8
	// mostBody is how long the body of a request may be.
	mostBody = 1 << 10
)

// A Server serves the page of one View.
type Server struct {
	view    View
	url     string
	http    *http.Server
	pages   chan struct{} // one for each that is open
	closing chan struct{}
	serving sync.WaitGroup
	once    sync.Once
	err     error
}

// Listen serves the page of a view at an address: a host and a port, or a host. An empty
// host is 127.0.0.1, port 0 or none a free one.
func Listen(addr string, view View) (*Server, error) {
	host, port, err := net.SplitHostPort(addr)
	if err != nil {
		host, port = strings.Trim(addr, "[]"), "0"
	}
	if host == "" {
		host = "127.0.0.1"
	}
	l, err := net.Listen("tcp", net.JoinHostPort(host, port))
	if err != nil {
		return nil, fmt.Errorf("the page: %w", err)
	}
	at := l.Addr().(*net.TCPAddr)
	s := &Server{view: view, pages: make(chan struct{}, mostPages), closing: make(chan struct{})}
	g := newGuard(at, host, s.routes())
	s.http = &http.Server{Handler: g, ReadHeaderTimeout: patience, MaxHeaderBytes: 16 << 10, IdleTimeout: time.Minute}
	if ip := net.ParseIP(host); ip != nil && ip.IsUnspecified() {
		// All addresses: of these, the one that a browser on this machine can call.
		if host = "127.0.0.1"; ip.To4() == nil {
			host = "::1"
		}
	}
	s.url = "http://" + net.JoinHostPort(host, strconv.Itoa(at.Port)) + "/?token=" + g.token
	s.serving.Go(func() {
		if err := s.http.Serve(l); !errors.Is(err, http.ErrServerClosed) {
			s.err = err
		}
	})
	return s, nil
}

// URL is the address of the page, with its token.
func (s *Server) URL() string { return s.url }

// Close ends the server. Pages that are open get to know first how the run has
// ended, if it has, for which they have a second.
func (s *Server) Close() error {
	s.once.Do(func() {
		close(s.closing)
		ctx, cancel := context.WithTimeout(context.Background(), farewell)
		defer cancel()
		if s.http.Shutdown(ctx) != nil {
			_ = s.http.Close() // of connections that nobody reads any more
		}
		s.serving.Wait()
	})
	return s.err
}

func (s *Server) routes() http.Handler {
	mux := http.NewServeMux()
	files, err := fs.Sub(page, "page")
	if err != nil {
		panic(err) // it is embedded
	}
	mux.Handle("GET /", http.FileServerFS(files))
	mux.HandleFunc("GET /api/about", func(w http.ResponseWriter, _ *http.Request) { reply(w, s.view.About()) })
	mux.HandleFunc("GET /api/state", func(w http.ResponseWriter, _ *http.Request) { reply(w, s.view.State()) })
	mux.HandleFunc("GET /api/series", func(w http.ResponseWriter, r *http.Request) {
		found, n := s.view.Find(r.URL.Query().Get("q"))
		reply(w, map[string]any{"series": found, "count": n})
	})
	mux.HandleFunc("GET /api/events", s.events)
	mux.HandleFunc("POST /api/act", s.act)
	mux.HandleFunc("GET /metrics", s.metrics)
	return mux
}

func reply(w http.ResponseWriter, v any) {
	w.Header().Set("Content-Type", "application/json")
	// Who does not read it has gone.
	_ = json.NewEncoder(w).Encode(v)
}

// act does what a button asks for.
func (s *Server) act(w http.ResponseWriter, r *http.Request) {
	var a Action
	body, err := io.ReadAll(http.MaxBytesReader(w, r.Body, mostBody))
	if err == nil {
		err = json.Unmarshal(body, &a)
	}
	if err != nil {
		http.Error(w, err.Error(), http.StatusBadRequest)
		return
	}
	if err := s.view.Act(a); err != nil {
		http.Error(w, err.Error(), http.StatusConflict)
		return
	}
	reply(w, s.view.State())
}

// events tells a page what has changed, several times a second, until the run is over:
// server-sent events "state", "points", "lines", "messages", "trouble", and at last "over". A page
// that is slow gets them less often.
func (s *Server) events(w http.ResponseWriter, r *http.Request) {
	select {
	case s.pages <- struct{}{}:
		defer func() { <-s.pages }()
	default:
		http.Error(w, "too many pages look at the run; close one of them", http.StatusServiceUnavailable)
		return
	}
	chosen, err := parseChosen(r.URL.Query().Get("series"))
	if err != nil {
		http.Error(w, err.Error(), http.StatusBadRequest)
		return
	}
	w.Header().Set("Content-Type", "text/event-stream")
	p := &pageStream{view: s.view, w: w, control: http.NewResponseController(w), seen: make([]shown, len(chosen)), chosen: chosen}
	if err := s.view.Choose(chosen); err != nil && p.send("trouble", err.Error()) != nil {
		return
	}
	ticker := time.NewTicker(tick)
	defer ticker.Stop()
	for {
		over := false
		select {
		case <-s.view.Over():
			over = true
		default:
		}
		// What is over is looked at once more, all of it.
		if p.look() != nil {
			return
		}
		if over {
			_ = p.send("over", struct{}{}) // nothing comes after it
			return
		}
		select {
		case <-ticker.C:
		case <-s.view.Over():
		case <-r.Context().Done():
			return
		case <-s.closing:
			select {
			case <-s.view.Over(): // the page has to get to know that
			default:
				return
			}
		}
	}
}

func parseChosen(text string) ([]int, error) {
	var chosen []int
	for part := range strings.SplitSeq(text, ",") {
		if part == "" {
			continue
		}
		id, err := strconv.Atoi(part)
		if err != nil || id < 0 || len(chosen) == mostChosen {
			return nil, fmt.Errorf("series=%s: give the numbers of at most %d series", text, mostChosen)
		}
		chosen = append(chosen, id)
	}
	return chosen, nil
}

// pageStream is what one page has been told.
type pageStream struct {
	view     View
	w        http.ResponseWriter
	control  *http.ResponseController
	chosen   []int
	seen     []shown // of chosen
	line     int
	message  int
	buffered []byte
}

// look tells the page what is new.
func (p *pageStream) look() error {
	err := p.send("state", p.view.State())
	points := []Points{}
	for i, id := range p.chosen {
		if news := p.view.News(id, &p.seen[i]); p.seen[i].changed(&news) {
			points = append(points, news)
		}
	}
	if len(points) > 0 {
		err = errors.Join(err, p.send("points", points))
	}
	if lines := p.view.Lines(p.line); len(lines) > 0 {
		p.line = lines[len(lines)-1].Number
		err = errors.Join(err, p.send("lines", lines))
	}
	if messages := p.view.Messages(p.message); len(messages) > 0 {
		p.message = messages[len(messages)-1].Number
		err = errors.Join(err, p.send("messages", messages))
	}
	return err
}

// send sends one event, and waits until it has gone, for patience at most.
func (p *pageStream) send(name string, data any) error {
	text, err := json.Marshal(data)
	if err != nil {
		return err
	}
	p.buffered = append(p.buffered[:0], "event: "+name+"\ndata: "...)
	p.buffered = append(append(p.buffered, text...), "\n\n"...)
	// A server that cannot set one will not wait long, either.
	_ = p.control.SetWriteDeadline(time.Now().Add(patience))
	if _, err := p.w.Write(p.buffered); err != nil {
		return err
	}
	return p.control.Flush()
}
