package plot

import (
	"image/color"

	"gonum.org/v1/plot"
	"gonum.org/v1/plot/vg"
	"gonum.org/v1/plot/vg/draw"
)

// palette is that of Okabe and Ito (Color universal design, 2008), which people
// who do not see all colours can tell apart, without its yellow, which is too
// faint for lines, and with black last.
var palette = []color.NRGBA{
	{0x00, 0x72, 0xb2, 0xff}, {0xd5, 0x5e, 0x00, 0xff}, {0x00, 0x9e, 0x73, 0xff}, {0xcc, 0x79, 0xa7, 0xff},
	{0xe6, 0x9f, 0x00, 0xff}, {0x56, 0xb4, 0xe9, 0xff}, {0x00, 0x00, 0x00, 0xff},
}

// Colors is how many colours there are; more families than that in a panel
// cannot be told apart.
func Colors() int { return len(palette) }

var (
	ink  = color.NRGBA{0x22, 0x22, 0x22, 0xff}
	grid = color.NRGBA{0xe2, 0xe2, 0xe2, 0xff}
)

const (
	textSize   = 9
	titleSize  = 11
	lineWidth  = 1.3
	thinWidth  = 0.6
	gridWidth  = 0.5
	legendLine = 14 // height of a line of the legend
	swatch     = 16 // width of the sample of a line in it
	// otherFonts is how much wider texts are where an SVG file is shown without a font as
	// wide as that which is measured, with DejaVu Sans, say.
	otherFonts = 1.12
)

func textStyle(size vg.Length) draw.TextStyle {
	style := draw.TextStyle{Color: ink, Font: plot.DefaultFont, Handler: plot.DefaultTextHandler}
	style.Font.Size, style.Font.Variant = size, "Sans"
	return style
}

// line is how the curve of a family looks; thin is for one among many.
func (f *Family) line(thin bool) draw.LineStyle {
	c := palette[f.Color%len(palette)]
	style := draw.LineStyle{Color: c, Width: lineWidth}
	if thin {
		c.A = uint8(30 + 500/(5+len(f.Curves)))
		style.Color, style.Width = c, thinWidth
	}
	return style
}
