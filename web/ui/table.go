package ui

import "github.com/a-h/templ"

// TableView is a dense table. On a phone each row becomes a card whose lines
// carry the column titles.
type TableView struct {
	Caption string // what the table lists; read out, and shown on paper
	Columns []Column
	Rows    []Row
	Pager   PagerView
	Empty   EmptyView // shown instead when Rows is empty
	Peek    bool      // rows open in the side panel ("panel") with htmx
}

// SortDir is the direction in which a column is sorted.
type SortDir string

// The directions.
const (
	Unsorted   SortDir = ""
	Ascending  SortDir = "ascending"
	Descending SortDir = "descending"
)

// Column is one column; with Sort its title is a link that sorts by it.
type Column struct {
	Title   string
	Sort    string // URL of this list sorted by the column, or empty
	Dir     SortDir
	Number  bool // right-aligned, tabular figures
	Tight   bool // never broken over two lines
	Primary bool // the row's name: its card title on a phone, and its link
}

// Row is one row; its cells stand in the order of the columns.
type Row struct {
	ID      string
	Href    string
	Cells   []templ.Component
	Current bool
	Tone    Tone
}

// PagerView leads through keyset pages: there is a next page and a first one,
// never a number of pages.
type PagerView struct {
	Shown string // "50 events"
	Count string // URL of the same page with how many there are in all
	First string // URL of the first page; empty on the first page
	Next  string // URL of the next page; empty at the end
	Size  string // "read at 184,220 leaves"
}

func (v PagerView) empty() bool {
	return v.First == "" && v.Next == "" && v.Shown == "" && v.Size == ""
}

// EmptyView teaches: why there is nothing here, and what would bring it.
type EmptyView struct {
	Icon    string
	Title   string
	Text    string
	Actions []ButtonView
}

func (v TableView) class(i int) string {
	c := ""
	if i < len(v.Columns) {
		if v.Columns[i].Number {
			c = "number"
		}
		if v.Columns[i].Tight {
			c += " tight"
		}
		if v.Columns[i].Primary {
			c += " primary"
		}
	}
	return c
}

func (v TableView) label(i int) string {
	if i < len(v.Columns) {
		return v.Columns[i].Title
	}
	return ""
}

// linked reports whether the cell of column i carries the row's link.
func (v TableView) linked(i int, r Row) bool {
	if r.Href == "" || i >= len(v.Columns) {
		return false
	}
	for _, c := range v.Columns {
		if c.Primary {
			return v.Columns[i].Primary
		}
	}
	return i == 0
}

func (c Column) ariaSort() string { return or(string(c.Dir), "none") }

// peek makes a row's link fetch into the side panel.
func peek(on bool, href string) templ.Attributes {
	if !on {
		return nil
	}
	return templ.Attributes{"hx-get": href, "hx-target": "#panel", "hx-push-url": "true"}
}
