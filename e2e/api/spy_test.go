package api

import (
	"slices"
	"strings"

	"vouchsafe/core"
)

// spy searches every answer for values that its reader may not see.
type spy struct {
	f     *firm
	sees  map[string][]core.Class
	found map[string]map[string]bool // column to canaries that were shown to it
	leaks []string
}

func newSpy(f *firm, sees map[string][]core.Class) *spy {
	return &spy{f: f, sees: sees, found: map[string]map[string]bool{}}
}

// saw takes one answer. What belongs to the other entity is for nobody here.
func (s *spy) saw(who, where string, a answer) {
	text := a.text()
	for _, h := range s.f.homes {
		for class, values := range h.canaries() {
			for _, v := range values {
				if !holds(text, v) {
					continue
				}
				if s.found[who] == nil {
					s.found[who] = map[string]bool{}
				}
				s.found[who][v] = true
				if h.mark == "other" || !slices.Contains(s.sees[who], class) {
					s.leaks = append(s.leaks, where+" shows "+string(class)+" "+v+" to "+who)
				}
			}
		}
	}
}

// holds finds a value also when it is written in groups or in capitals.
func holds(text, value string) bool {
	squeeze := strings.NewReplacer(" ", "", "\u00a0", "", "\n", "").Replace
	return strings.Contains(strings.ToLower(squeeze(text)), strings.ToLower(value))
}

// check reports the leaks. A scan that finds nothing where something stands
// would prove nothing: who sees everything must have been shown every value,
// and looked at with the eyes of one who sees nothing, that is a leak.
func (s *spy) check() {
	s.f.t.Helper()
	for _, l := range s.leaks {
		s.f.t.Error(l)
	}
	for _, values := range s.f.homes[0].canaries() {
		for _, v := range values {
			if !s.found["compliance"][v] {
				s.f.t.Errorf("the scan is blind: %s was shown to nobody", v)
			}
		}
	}
	blind := newSpy(s.f, map[string][]core.Class{"compliance": {}})
	blind.saw("compliance", "control", answer{body: `{"name":"` + s.f.homes[0].name() + `","account":"` + s.f.homes[0].iban() + `"}`})
	if len(blind.leaks) != 2 {
		s.f.t.Errorf("negative control: the scan found %v", blind.leaks)
	}
}
