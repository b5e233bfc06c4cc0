package evidence

import (
	"crypto/sha256"
	"encoding/hex"
	"strconv"

	"vouchsafe/core"
)

// MaxLeaf is the largest leaf in bytes: tlog-tiles entries have a 16-bit
// length.
const MaxLeaf = 65535

// MaxSubjects is the largest number of subject tags in one leaf; larger sets
// become correlated child events.
const MaxSubjects = 64

// buildLeaf writes the canonical leaf: a CloudEvents envelope with OCSF 1.8
// names. It holds no personal data and no person's id: staff and system parts
// are named by opaque uid, clients and partners only by tag.
func buildLeaf(host, id string, e *Event, s *Stamp, tags []string, doc string, lines int) string {
	var c canon
	o := c.open()
	leafActor(o, s)
	if a := s.Approval; a != nil {
		ao := o.key("approval").open()
		ao.list("approvers", refTexts(a.Approvers)).text("maker", nameless(a.Maker)).
			text("payload_sha256", a.Payload).text("request_uid", string(a.Proposal)).text("rule", a.Rule).close()
	}
	o.list("basis", e.Basis).text("case_uid", string(e.Case))
	sum := sha256.Sum256([]byte(doc))
	o.key("changes").open().number("count", lines).text("sha256", hex.EncodeToString(sum[:])).close()
	o.number("class_uid", int(e.Type.Class)).text("corrects", e.Corrects).list("external_refs", e.External)
	o.text("id", id)
	o.key("metadata").open().text("action", s.Action).text("correlation_uid", s.Correlation).text("log_name", e.log()).
		text("logged_time", s.At.String()).text("observed_time", e.Observed.String()).text("tenant_uid", string(e.Entity)).
		text("version", "1.8.0").close()
	if d := s.Decision; d.Engine != "" {
		o.key("policy").open().list("determining", d.Policies).text("effect", effect(d)).text("engine", d.Engine).
			list("errors", d.Errors).text("set_sha256", d.Set).close()
	}
	if e.Reason != "" {
		o.key("reason").open().text("code", e.Reason).close()
	}
	o.text("source", Origin(host, e.log())).text("specversion", "1.0").text("status", string(e.Outcome))
	o.list("subject_tags", tags).text("time", first(e.Source, s.At).String()).text("type", e.Type.Name)
	return string(o.close().b)
}

func leafActor(o *object, s *Stamp) {
	a := s.Actor
	ao := o.key("actor").open()
	ao.list("factors", a.Factors).text("for", nameless(a.For)).text("kind", string(a.Ref.Kind())).list("roles", a.Roles).
		text("session_uid", string(a.Session))
	if a.StepUp {
		ao.text("step_up", strconv.FormatBool(a.StepUp))
	}
	ao.text("token_uid", string(a.Token)).text("uid", nameless(a.Ref)).close()
}

func effect(d Decision) string {
	if d.Allow {
		return "permit"
	}
	return "deny"
}

// nameless is the reference when it may stand in a leaf: a client's or
// partner's would link their events for everybody.
func nameless(r core.Ref) string {
	switch r.Kind() {
	case core.KindClient, core.KindPartner:
		return ""
	}
	return string(r)
}

func refTexts(rs []core.Ref) []string {
	out := make([]string, 0, len(rs))
	for _, r := range rs {
		out = append(out, string(r))
	}
	return out
}

func first(a, b core.Instant) core.Instant {
	if a != 0 {
		return a
	}
	return b
}
