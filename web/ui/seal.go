package ui

import (
	"fmt"
	"strconv"

	"vouchsafe/core"
)

// SealState says how far the log vouches for a record.
type SealState string

// The states of a seal.
const (
	Sealed  SealState = "sealed"  // under a signed checkpoint
	Pending SealState = "pending" // written, waiting for the next checkpoint
	Broken  SealState = "broken"  // verification failed: say so loudly
)

func (s SealState) icon() string {
	switch s {
	case Sealed:
		return "shield-check"
	case Broken:
		return "shield-x"
	}
	return "shield"
}

func (s SealState) word() string {
	switch s {
	case Sealed:
		return "Sealed"
	case Broken:
		return "Seal broken"
	}
	return "Waiting for its seal"
}

// SealBoxView is the heading's box: how far the log is sealed.
type SealBoxView struct {
	State      SealState
	TreeSize   int64
	Checkpoint core.Instant
	Witnesses  int
	Unsealed   int // events waiting, shown when not zero
	// Unwitnessed are the sealed events that no outside witness vouches for
	// yet; shown where there are witnesses.
	Unwitnessed int64
	Href        string
}

func (v SealBoxView) note() string {
	if v.State == Broken {
		return "open the verification report"
	}
	s := witnessed(v.Witnesses)
	if v.Checkpoint != 0 {
		s = "checkpoint " + Clock(v.Checkpoint) + " UTC · " + s
	}
	if v.Witnesses > 0 && v.Unwitnessed > 0 {
		s += " · " + Count(v.Unwitnessed) + " unwitnessed"
	}
	if v.Unsealed > 0 {
		s += " · " + Count(v.Unsealed) + " waiting"
	}
	return s
}

// witnessed tells how many outside witnesses have signed a checkpoint.
func witnessed(n int) string {
	if n == 0 {
		return "no outside witness yet"
	}
	return Plural(n, "outside witness", "outside witnesses")
}

// unwitnessed says what it means that nobody outside signs.
const unwitnessed = "No outside witness signs this log yet. Its checkpoints are also kept outside the database, so that a rewritten log is found."

// meaning explains the note, or is empty.
func (v SealBoxView) meaning() string {
	if v.Witnesses == 0 && v.State != Broken {
		return unwitnessed
	}
	return ""
}

// SealBadgeView is the small badge on a record: state, short hash, way to it.
type SealBadgeView struct {
	State SealState
	Hash  string
	Href  string
}

// PathStep is one sibling hash of an inclusion path, from the leaf upwards;
// Left says on which side the sibling stands.
type PathStep struct {
	Hash string
	Left bool
}

// SealView is the card that puts the proof at arm's length.
type SealView struct {
	State      SealState
	Log        string
	Leaf       int64
	TreeSize   int64
	Hash       string // leaf hash, hex
	Root       string // root hash, hex
	Path       []PathStep
	Checkpoint core.Instant
	Witnesses  int
	Permalink  string // copied as the full URL
	RawHref    string
	ProofHref  string // the proof as a file
	Verify     string // the exact offline command
}

// The drawing of a path: at most drawn steps; above that the middle is left out.
const (
	proofWidth = 292.0
	proofStep  = 46.0
	proofRise  = 22.0
	proofDrawn = 5
	proofPad   = 14.0
)

type proofNode struct {
	x, y   float64
	kind   string // "leaf", "inner", "root", "sibling"
	title  string
	label  string
	lx, ly float64
	anchor string
}

type proofEdge struct {
	x1, y1, x2, y2 float64
	gap            bool
}

type proofDrawing struct {
	width, height float64
	nodes         []proofNode
	edges         []proofEdge
	title         string
}

// drawProof lays the path out from the leaf at the bottom to the root on top.
// Each step goes to the side away from its sibling, as in the real tree.
func drawProof(v SealView) proofDrawing {
	steps, gapAt, left := v.Path, -1, 0
	if len(steps) > proofDrawn {
		gapAt, left = 3, len(steps)-proofDrawn
		steps = append(append([]PathStep{}, steps[:3]...), steps[len(steps)-2:]...)
	}
	d := proofDrawing{title: fmt.Sprintf("Inclusion path: %s from this event to root %s", Plural(len(v.Path), "hash", "hashes"), Short(v.Root))}
	x, y := 0.0, 0.0
	at := proofNode{kind: "leaf", title: "this event " + v.Hash, label: "this event"}
	for i, s := range steps {
		if i == gapAt {
			nx, ny := x, y-proofRise*0.9
			d.edges = append(d.edges, proofEdge{x, y, nx, ny, true})
			d.nodes = append(d.nodes, at)
			x, y = nx, ny
			at = proofNode{x: x, y: y, kind: "inner", title: fmt.Sprintf("%d levels not drawn", left), label: fmt.Sprintf("%d more levels", left)}
		}
		side := 1.0
		if s.Left {
			side = -1
		}
		px, py := x+side*proofStep, y-proofRise
		d.edges = append(d.edges, proofEdge{x, y, px, py, false}, proofEdge{x + 2*side*proofStep, y, px, py, false})
		d.nodes = append(d.nodes, at, proofNode{x: x + 2*side*proofStep, y: y, kind: "sibling", title: "sibling " + s.Hash})
		x, y = px, py
		at = proofNode{x: x, y: y, kind: "inner", title: "computed"}
	}
	at.kind, at.title, at.label = "root", "root "+v.Root, "root "+Short(v.Root)
	d.nodes = append(d.nodes, at)
	d.fit()
	return d
}

// fit moves and squeezes the drawing into its box and places the labels.
func (d *proofDrawing) fit() {
	minX, maxX, minY := 0.0, 0.0, 0.0
	for _, n := range d.nodes {
		minX, maxX, minY = min(minX, n.x), max(maxX, n.x), min(minY, n.y)
	}
	scale := min(1, (proofWidth-2*proofPad-40)/max(maxX-minX, 1))
	shift := (proofWidth - (maxX-minX)*scale) / 2
	fx := func(x float64) float64 { return (x-minX)*scale + shift }
	fy := func(y float64) float64 { return y - minY + proofPad }
	for i := range d.edges {
		e := &d.edges[i]
		e.x1, e.x2, e.y1, e.y2 = fx(e.x1), fx(e.x2), fy(e.y1), fy(e.y2)
	}
	for i := range d.nodes {
		n := &d.nodes[i]
		n.x, n.y = fx(n.x), fy(n.y)
		n.lx, n.ly, n.anchor = n.x+10, n.y+3, "start"
		if n.kind == "leaf" {
			n.lx, n.ly, n.anchor = n.x, n.y+16, "middle"
		} else if n.x > proofWidth*0.62 {
			n.lx, n.anchor = n.x-10, "end"
		}
	}
	d.width, d.height = proofWidth, -minY+2*proofPad+10
}

func num(f float64) string { return strconv.FormatFloat(f, 'f', 1, 64) }

func (n proofNode) radius() string {
	switch n.kind {
	case "leaf", "root":
		return "5"
	}
	return "3.6"
}

func side(left bool) string {
	if left {
		return "left"
	}
	return "right"
}
