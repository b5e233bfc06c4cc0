package ui

// StatView is one tile: a number that someone should act on or may trust.
type StatView struct {
	Label string
	Value string
	Note  string
	Href  string
	Tone  Tone
	Spark []int // a small strip of recent values, oldest first
}

// StripView is a strip of bars over time: how much happened when.
type StripView struct {
	Label  string // read out: "Events a day, 24 October to 20 November"
	Points []StripPoint
}

// StripPoint is one bar. On marks those that the list below shows.
type StripPoint struct {
	Label string // "20 Nov: 9 events"
	N     int
	Href  string
	On    bool
}

// BarsView is a horizontal bar chart: funnels, ageing, shares.
type BarsView struct {
	Title string
	Bars  []BarView
}

// BarView is one bar; Text is what stands behind it, N when empty.
type BarView struct {
	Label string
	N     int
	Text  string
	Tone  Tone
	Href  string
}

const (
	stripHeight = 28.0
	stripBar    = 4.0
	stripGap    = 1.5
)

type stripBarBox struct {
	x, y, h float64
	p       StripPoint
}

func (v StripView) width() float64 { return float64(len(v.Points)) * (stripBar + stripGap) }

func (v StripView) bars() []stripBarBox {
	top := 1
	for _, p := range v.Points {
		top = max(top, p.N)
	}
	out := make([]stripBarBox, len(v.Points))
	for i, p := range v.Points {
		h := 1.5
		if p.N > 0 {
			h = max(3, stripHeight*float64(p.N)/float64(top))
		}
		out[i] = stripBarBox{x: float64(i) * (stripBar + stripGap), y: stripHeight - h, h: h, p: p}
	}
	return out
}

func sparkOf(v StatView) StripView {
	s := StripView{Label: v.Label}
	for i, n := range v.Spark {
		s.Points = append(s.Points, StripPoint{N: n, On: i == len(v.Spark)-1})
	}
	return s
}

// share is a bar's length in a hundred units.
func (v BarsView) share(b BarView) float64 {
	top := 1
	for _, x := range v.Bars {
		top = max(top, x.N)
	}
	return max(0, 100*float64(b.N)/float64(top))
}

func (b BarView) text() string { return or(b.Text, Count(b.N)) }

// role: a strip with links is a group of links, one without is a picture.
func (v StripView) role() string {
	for _, p := range v.Points {
		if p.Href != "" {
			return "group"
		}
	}
	return "img"
}
