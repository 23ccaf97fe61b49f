package progress

import (
	"io"
	"os"
	"time"

	"github.com/vbauerster/mpb/v8"
	"github.com/vbauerster/mpb/v8/decor"
	"golang.org/x/term"
)

const (
	redrawEvery = 100 * time.Millisecond
	// mostColumns is how wide the bar is at most: a wider one tells no more. With less
	// than leastColumns there is none, only what is written beside it.
	mostColumns  = 33
	leastColumns = 8
)

func (d *Display) startBar() {
	style := mpb.BarStyle().Lbound("").Rbound("").Filler("━").Tip("╸").Padding("─")
	if d.cfg.Color {
		style = style.FillerMeta(color("36")).TipMeta(color("36")).PaddingMeta(color("90"))
	}
	d.bars = mpb.New(mpb.WithOutput(sized(d.cfg.Out)), mpb.WithAutoRefresh(), mpb.WithRefreshRate(redrawEvery))
	text := func(part func() string) decor.Decorator {
		return decor.Any(func(decor.Statistics) string {
			d.mu.Lock()
			defer d.mu.Unlock()
			return part()
		})
	}
	d.bar = d.bars.New(int64(d.status.Until), style,
		mpb.BarWidth(mostColumns), mpb.BarFillerTrim(), mpb.BarFillerMiddleware(ifThereIsRoom),
		mpb.PrependDecorators(text(func() string { return d.cfg.Name })),
		mpb.AppendDecorators(text(func() string { return " " + d.position() }), text(func() string {
			if pace := d.pace(); pace != "" {
				return "  " + pace
			}
			return ""
		})))
}

// ifThereIsRoom leaves a bar out that is too short to tell anything.
func ifThereIsRoom(bar mpb.BarFiller) mpb.BarFiller {
	return mpb.BarFillerFunc(func(w io.Writer, s decor.Statistics) error {
		const space = " "
		if s.AvailableWidth -= len(space); s.AvailableWidth < leastColumns {
			return nil
		}
		if _, err := io.WriteString(w, space); err != nil {
			return err
		}
		return bar.Fill(w, s)
	})
}

// sized hides from mpb that out is a terminal if it does not know its size, which is then
// 0: mpb would draw nothing there. On what is no terminal it has 80 columns.
func sized(out io.Writer) io.Writer {
	if f, ok := out.(*os.File); ok {
		if width, height, err := term.GetSize(int(f.Fd())); err != nil || width <= 0 || height <= 0 {
			return struct{ io.Writer }{out}
		}
	}
	return out
}

func color(code string) func(string) string {
	return func(text string) string { return "\x1b[" + code + "m" + text + "\x1b[0m" }
}

func (d *Display) redraw() {
	d.sample()
	d.mu.Lock()
	reached := int64(d.status.Reached)
	d.mu.Unlock()
	d.bar.SetCurrent(reached)
}
