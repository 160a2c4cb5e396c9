package charts

import (
	"image/color"
	"testing"

	"gonum.org/v1/plot/font"
	"gonum.org/v1/plot/vg"
)

// Coordinates are those of the page, whose y points downwards from the upper edge.
func TestInlineCanvas(t *testing.T) {
	c := newInline(Size{100, 50})
	c.SetColor(Ink)
	c.SetLineWidth(2)
	c.Push()
	c.Translate(vg.Point{X: 10, Y: 20})
	c.Stroke(vg.Path{{Type: vg.MoveComp}, {Type: vg.LineComp, Pos: vg.Point{X: 5, Y: 7.126}}})
	c.Rotate(1.5707963267948966)
	c.SetColor(faint(Colour(1), 0x33))
	c.FillString(font.Face{Font: font.Font{Size: 9}}, vg.Point{X: 1}, "a<b")
	c.Pop()
	c.SetColor(color.White)
	c.Fill(vg.Path{{Type: vg.MoveComp}, {Type: vg.LineComp, Pos: vg.Point{Y: 50}}, {Type: vg.CloseComp}})
	c.Fill(vg.Path{{Type: vg.ArcComp, Pos: vg.Point{X: 50, Y: 25}, Radius: 10, Angle: 3.141592653589793}})
	want := `<path d="M10,30L15,22.87" fill="none" class="ink" stroke="currentColor" stroke-width="2"/>
<text x="10" y="29" transform="rotate(-90 10 29)" font-size="9" class="series-1" fill="currentColor" fill-opacity="0.2">a&lt;b</text>
<path d="M0,50L0,0Z" fill="#ffffff"/>
<path d="L60,25C60,19.48 55.52,15 50,15C44.48,15 40,19.48 40,25" fill="#ffffff"/>
`
	if got := c.out.String(); got != want {
		t.Errorf("got\n%s\nwant\n%s", got, want)
	}
}
