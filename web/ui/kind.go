package ui

import "vouchsafe/core"

// Kind is the part of the firm that an event belongs to. It gives the tile its
// icon and colour.
type Kind string

// The kinds, by the first word of an event's type.
const (
	KindPayments   Kind = "payments"
	KindOnboarding Kind = "onboarding"
	KindScreening  Kind = "screening"
	KindRisk       Kind = "risk"
	KindPlatform   Kind = "platform"
	KindClients    Kind = "clients"
	KindPartners   Kind = "partners"
	KindAccess     Kind = "access"
	KindCases      Kind = "cases"
	KindOversight  Kind = "oversight"
	KindEvidence   Kind = "evidence"
	KindSystem     Kind = "system"
)

var kinds = map[Kind]struct{ title, icon string }{
	KindPayments:   {"Payments", "landmark"},
	KindOnboarding: {"Onboarding", "user-check"},
	KindScreening:  {"Screening", "scan-face"},
	KindRisk:       {"Risk", "scale"},
	KindPlatform:   {"Platform", "chart-candlestick"},
	KindClients:    {"Profile", "git-compare-arrows"},
	KindPartners:   {"Partners", "handshake"},
	KindAccess:     {"Access", "key-round"},
	KindCases:      {"Cases", "archive"},
	KindOversight:  {"Oversight", "clipboard-check"},
	KindEvidence:   {"Evidence", "shield-check"},
	KindSystem:     {"System", "server"},
}

// Kinds lists all kinds in the order of filter chips.
var Kinds = []Kind{
	KindPayments, KindOnboarding, KindScreening, KindRisk, KindPlatform, KindClients,
	KindPartners, KindAccess, KindCases, KindOversight, KindEvidence, KindSystem,
}

// KindOf reads the kind from an event's type: "payments.withdrawal.released"
// is of KindPayments. An unknown first word is KindSystem.
func KindOf(eventType string) Kind {
	for i := range len(eventType) {
		if eventType[i] == '.' {
			eventType = eventType[:i]
			break
		}
	}
	if _, ok := kinds[Kind(eventType)]; ok {
		return Kind(eventType)
	}
	return KindSystem
}

// Title is the kind's name for people.
func (k Kind) Title() string {
	if v, ok := kinds[k]; ok {
		return v.title
	}
	return kinds[KindSystem].title
}

func (k Kind) icon() string {
	if v, ok := kinds[k]; ok {
		return v.icon
	}
	return kinds[KindSystem].icon
}

func maskTitle(why string) string {
	if why == "" {
		return "Masked: your role does not include this"
	}
	return "Masked: " + why
}

func moneyTone(m core.Money) string {
	if m.Minor < 0 {
		return string(Bad)
	}
	return ""
}
