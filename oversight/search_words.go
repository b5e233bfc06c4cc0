package oversight

import (
	"vouchsafe/command"
	"vouchsafe/core"
	"vouchsafe/evidence"
	"vouchsafe/store"
)

// worded selects events that hold every word, in each log by what the reader
// may see there.
func (s *searching) worded(f *evidence.Filter) store.Where {
	looked := s.parsed.looked()
	if len(looked) == 0 {
		return store.True
	}
	var logs, anywhere []store.Where
	for _, st := range s.states {
		visible := s.visible(st.Log)
		anywhere = append(anywhere, visible)
		parts := []store.Where{store.Eq("event.log", st.Log)}
		for _, w := range looked {
			parts = append(parts, evidence.HasTerm(s.q.rd.Log.Keys.Term(w), visible))
		}
		logs = append(logs, store.And(parts...))
	}
	for _, w := range looked {
		f.Leads = append(f.Leads, evidence.Lead{Terms: []string{s.q.rd.Log.Keys.Term(w)}, Visible: store.Or(anywhere...)})
	}
	return store.Or(logs...)
}

// people are the kinds of those whose values have owners; policy is asked
// about them by name. All other values are the event's own.
var people = []core.Kind{core.KindClient, core.KindStaff, core.KindPartner}

// visible is the condition over search terms under which a word may be found
// in a log: exactly where its value would be shown. Who may see the names of
// clients and not those of colleagues finds the first and not the second.
func (s *searching) visible(log string) store.Where {
	entity := core.Ref(log)
	if log == evidence.GroupLog || log == evidence.MLROLog {
		entity = ""
	}
	ways := []store.Where{store.Eq("event_term.class", string(core.Public))}
	others := []store.Where{store.In("event_term.class", s.classes(kindEvent, log, entity))}
	for _, k := range people {
		ways = append(ways, store.And(ownedBy(k), store.In("event_term.class", s.classes(k, log, entity))))
		others = append(others, store.Not(ownedBy(k)))
	}
	return store.Or(append(ways, store.And(others...))...)
}

// ownedBy selects the terms whose owner is of a kind.
func ownedBy(k core.Kind) store.Where {
	return store.And(store.Compare("event_term.subject", ">=", string(k)+"_"), store.Compare("event_term.subject", "<", string(k)+"`"))
}

// classes are the sensitive classes that the reader may see of any record of
// a kind in an entity. The reference asked about is nobody's, so a right to
// one's own record does not count.
func (s *searching) classes(k core.Kind, log string, entity core.Ref) (out []string) {
	for _, c := range core.Classes {
		if s.see.May(c, command.Resource{Kind: k, Ref: core.Ref(log), Entity: entity}) {
			out = append(out, string(c))
			s.words[string(c)] = true
		}
	}
	return out
}
