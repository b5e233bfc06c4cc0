package app

import "vouchsafe/access"

// The demo's firm: two legal entities and fourteen people. All names, addresses
// and accounts are invented.

type demoEntity struct {
	code, name, country, regulator, licence, currency string
}

var demoEntities = []demoEntity{
	{"aurum-eu", "Aurum Markets (Cyprus) Ltd", "CY", "CySEC", "CIF 401/22", "EUR"},
	{"aurum-sc", "Aurum Markets (Seychelles) Ltd", "SC", "FSA Seychelles", "SD 118", "USD"},
}

type demoStaff struct {
	key, name string
	line      access.Line
	roles     []demoRole
	persona   string // one line for the sign-in page
}

type demoRole struct {
	role   access.Role
	entity string // code, or "group"
}

var demoStaffList = []demoStaff{
	{"maria", "Maria Charalambous", access.SecondLine, []demoRole{{access.Compliance, "aurum-eu"}}, "Compliance, EU"},
	{"andreas", "Andreas Georgiou", access.SecondLine, []demoRole{{access.SeniorCompliance, "aurum-eu"}, {access.SeniorCompliance, "group"}}, "Senior compliance and MLRO, EU"},
	{"eleni", "Eleni Markou", access.FirstLine, []demoRole{{access.Payments, "aurum-eu"}, {access.Payments, "aurum-sc"}}, "Payments, both entities"},
	{"adaeze", "Adaeze Okonjo", access.FirstLine, []demoRole{{access.Payments, "aurum-eu"}}, "Payments lead, EU"},
	{"tomas", "Tomáš Novák", access.FirstLine, []demoRole{{access.Support, "aurum-eu"}, {access.Support, "aurum-sc"}}, "Support, both entities"},
	{"dmitri", "Dmitri Ivanov", access.FirstLine, []demoRole{{access.Dealing, "aurum-eu"}}, "Dealing, EU"},
	{"sophie", "Sophie Laurent", access.FirstLine, []demoRole{{access.HeadOfDealing, "aurum-eu"}}, "Head of dealing, EU"},
	{"erik", "Erik Brandt", access.FirstLine, []demoRole{{access.Dealing, "aurum-eu"}, {access.Dealing, "aurum-sc"}}, "Dealing, both entities"},
	{"grace", "Grace Mensah", access.FirstLine, []demoRole{{access.PaymentsLead, "aurum-sc"}}, "Payments lead, Seychelles"},
	{"layla", "Layla Haddad", access.FirstLine, []demoRole{{access.IBManager, "aurum-eu"}}, "IB manager, EU"},
	{"james", "James Whitfield", access.ThirdLine, []demoRole{{access.Auditor, "aurum-eu"}, {access.Auditor, "aurum-sc"}, {access.Auditor, "group"}}, "Auditor, both entities"},
	{"nia", "Nia Adebayo", access.SecondLine, []demoRole{{access.SeniorCompliance, "aurum-sc"}, {access.Compliance, "aurum-sc"}, {access.SeniorCompliance, "group"}}, "Senior compliance, Seychelles and group"},
	{"viktor", "Viktor Sandström", access.FirstLine, []demoRole{{access.SystemAdmin, "aurum-eu"}, {access.SystemAdmin, "aurum-sc"}, {access.SystemAdmin, "group"}}, "System administrator"},
	{"ines", "Inès Moreau", access.FirstLine, []demoRole{{access.SystemAdmin, "aurum-eu"}, {access.SystemAdmin, "aurum-sc"}, {access.SystemAdmin, "group"}}, "System administrator, deputy"},
}

// euNames and scNames make the demo's clients; the order is part of the seed.
var euNames = []string{
	"Katarzyna Wolańska", "Lukas Brenner", "Giulia Ferraro", "Marc Delacroix", "Ioana Petrescu", "Nikolaos Pappas",
	"Sara Lindqvist", "Pieter van Dijk", "Ana Kovačević", "Miguel Ángel Ruiz", "Zoltán Horváth", "Freja Nørgaard", "Tiago Almeida", "Eva Dvořáková",
	"Jonas Žukauskas", "Aino Virtanen", "Conor Gallagher", "Elif Yılmaz", "Petra Schuster", "Georgi Dimitrov", "Maëlle Girard", "Kaspars Ozols",
	"Martina Rossi", "Henrik Solberg", "Alžbeta Kováčová", "Daniel Weiss",
}

var scNames = []string{
	"Thabo Mokoena", "Nguyễn Minh Anh", "Rashid Al Mansoori", "Chukwuemeka Obi", "Priya Raghavan", "José Álvarez Peña", "Somchai Rattanakul",
	"Fatima Zahra Benali", "Kwame Asante", "Siti Nurhaliza Rahman", "Diego Fernández", "Amara Diallo", "Bùi Thị Lan", "Omar Farouk",
}
