package v1

import (
	"context"
	"net/http"
	"reflect"
	"regexp"
	"strings"

	"github.com/danielgtaylor/huma/v2"

	"vouchsafe/command"
	"vouchsafe/core"
)

// endpoint is one line of the API's table of contents.
type endpoint struct {
	method, path string
	id           string // of the operation; stable
	summary      string
	note         string // more about it, for the reference
	action       command.Action
	stepUp       bool // wants a second factor, which no token has
	writes       bool // takes an idempotency key
	upload       bool // the body is a file
	media        string

	body   reflect.Type // JSON body, less what the path names
	query  reflect.Type // fields that the path and the query give
	answer reflect.Type // nil where media says it

	schema *huma.Schema // of the body, made by operation
	params []param      // made by operation

	serve func(*call) error
}

// option changes a line of the table.
type option func(*endpoint)

// named gives an endpoint an operation id of its own, where several share an
// action.
func named(id string) option { return func(e *endpoint) { e.id = id } }

// noting says more about an endpoint.
func noting(text string) option { return func(e *endpoint) { e.note = text } }

// highRisk marks commands that want a fresh second factor.
func highRisk(e *endpoint) { e.stepUp = true }

func line(route, summary string, act command.Action, options []option) endpoint {
	method, path, _ := strings.Cut(route, " ")
	e := endpoint{method: method, path: path, id: string(act), summary: summary, action: act}
	for _, o := range options {
		o(&e)
	}
	return e
}

// write is a command whose input is fit as a body; what the path names is
// filled in from there.
func write[I command.Input](route, summary string, options ...option) endpoint {
	return writeAs(route, summary, func(in I) (I, error) { return in, nil }, options...)
}

// writeAs is a command whose body says some things otherwise, such as money.
func writeAs[B any, I command.Input](route, summary string, input func(B) (I, error), options ...option) endpoint {
	var zero I
	e := line(route, summary, zero.Action(), options)
	e.writes, e.body, e.answer = true, reflect.TypeFor[B](), reflect.TypeFor[Done]()
	e.serve = func(c *call) error {
		var b B
		key, err := c.key()
		if err == nil {
			err = c.decode(&b)
		}
		if err != nil {
			return err
		}
		in, err := input(b)
		if err != nil {
			return err
		}
		out, err := c.s.Road.Run(c.r.Context(), c.actor, key, in)
		return c.done(out, err)
	}
	return e
}

// decide answers a proposal.
func decide(route, summary string, approve bool, options ...option) endpoint {
	e := line(route, summary, command.Decide{Approve: approve}.Action(), options)
	e.writes, e.body, e.answer = true, reflect.TypeFor[decision](), reflect.TypeFor[Done]()
	e.serve = func(c *call) error {
		var b decision
		key, err := c.key()
		if err == nil {
			err = c.decode(&b)
		}
		if err != nil {
			return err
		}
		out, err := c.s.Road.Approve(c.r.Context(), c.actor, key, command.Decide{Proposal: b.Proposal, Hash: b.Hash, Approve: approve, Words: b.Words})
		return c.done(out, err)
	}
	return e
}

// decision is one person's answer to a proposal.
type decision struct {
	Proposal core.Ref `json:"proposal"`
	Hash     string   `json:"hash" doc:"of the proposal that you read"`
	Words    string   `json:"words"`
}

// read is a query whose view is fit as an answer.
func read[I command.Input, V any](route, summary string, q command.Query[I, V], options ...option) endpoint {
	return readAs(route, summary, q, func(v V) V { return v }, options...)
}

// readAs is a query whose answer says some things otherwise, such as money.
func readAs[I command.Input, V, A any](route, summary string, q command.Query[I, V], shape func(V) A, options ...option) endpoint {
	return asked(route, summary, func(ctx context.Context, c *call, in I) (A, error) {
		v, err := command.Ask(ctx, c.s.Road, c.actor, q, in)
		return shape(v), err
	}, options...)
}

// list is a query of one keyset page.
func list[I command.Input, R any](route, summary string, q command.Query[I, core.Page[R]], options ...option) endpoint {
	return listAs(route, summary, q, func(r R) R { return r }, options...)
}

// listAs is a list whose rows say some things otherwise.
func listAs[I command.Input, R, A any](route, summary string, q command.Query[I, core.Page[R]], shape func(R) A, options ...option) endpoint {
	return readAs(route, summary, q, func(p core.Page[R]) List[A] { return listOf(p.Rows, p.Next, shape) }, options...)
}

// all is a query of rows that are few.
func all[I command.Input, R any](route, summary string, q command.Query[I, []R], options ...option) endpoint {
	return readAs(route, summary, q, func(rows []R) List[R] { return listOf(rows, "", func(r R) R { return r }) }, options...)
}

// asked is a read; a POST of one takes its question as a body, because words
// about people do not belong into addresses.
func asked[I command.Input, A any](route, summary string, ask func(context.Context, *call, I) (A, error), options ...option) endpoint {
	var zero I
	e := line(route, summary, zero.Action(), options)
	e.answer, e.query = reflect.TypeFor[A](), reflect.TypeFor[I]()
	if e.method == http.MethodPost {
		e.body, e.query = e.query, nil
	}
	e.serve = func(c *call) error {
		var in I
		var err error
		if e.method == http.MethodPost {
			err = c.decode(&in)
		} else {
			err = c.bind(&in)
		}
		if err != nil {
			return err
		}
		a, err := ask(c.r.Context(), c, in)
		if err != nil {
			return err
		}
		return c.answer(http.StatusOK, a)
	}
	return e
}

// file is a read that answers with a file.
func file[I command.Input](route, summary, media string, open func(context.Context, *call, I) (download, error), options ...option) endpoint {
	var zero I
	e := line(route, summary, zero.Action(), options)
	e.media, e.query = media, reflect.TypeFor[I]()
	e.serve = func(c *call) error {
		var in I
		if err := c.bind(&in); err != nil {
			return err
		}
		f, err := open(c.r.Context(), c, in)
		if err != nil {
			return err
		}
		return c.send(f)
	}
	return e
}

// List is one page of rows.
type List[R any] struct {
	Rows []R `json:"rows" nullable:"false"`
	// Next goes into "after" to ask for the next page; absent on the last.
	Next core.Cursor `json:"next,omitempty" doc:"put it into after to ask for the next page; absent on the last"`
}

func (l List[R]) nextPage() core.Cursor { return l.Next }

func listOf[R, A any](rows []R, next core.Cursor, shape func(R) A) List[A] {
	out := List[A]{Rows: make([]A, 0, len(rows)), Next: next}
	for _, r := range rows {
		out.Rows = append(out.Rows, shape(r))
	}
	return out
}

var pathName = regexp.MustCompile(`\{(\w+)\}`)

// inPath are the names that the path gives.
func (e *endpoint) inPath() []string {
	var out []string
	for _, m := range pathName.FindAllStringSubmatch(e.path, -1) {
		out = append(out, m[1])
	}
	return out
}

// tag is the chapter of the reference: the path's first word.
func (e *endpoint) tag() string {
	first, _, _ := strings.Cut(strings.TrimPrefix(e.path, "/"), "/")
	return first
}
