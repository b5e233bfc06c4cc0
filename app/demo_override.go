package app

import (
	"vouchsafe/cases"
	"vouchsafe/clients"
	"vouchsafe/core"
	"vouchsafe/payments"
)

// nameOverride is the story of one withdrawal: EUR 48,200 to an account in
// another name than the client's, held, looked into, released with a reason by
// three people, paid and settled.
func (w *world) nameOverride(c *resident) core.Ref {
	w.payIn(c, 61_500_00, "bank", c.name, "")
	w.settle()
	w.pass(26 * hour)
	add := w.do(w.actor("tomas"), clients.AddBankDetail{
		Client: c.ref, Holder: "Katarzyna Nowicka", Account: iban("PL", 777), Bank: "Bank Przykładowy", Currency: c.currency,
		Reason: "client_request", Words: "Salary account of the client, opened before her marriage.",
	})
	w.pass(50 * minute)
	detail := w.decide(w.actor("maria"), add.Proposal, true, "IBAN confirmed by the bank's letter; the holder's name is to be explained before any payment.").Subject
	w.pass(9 * day) // three times the cooling-off
	id := w.ask(c, 48_200_00, detail, payments.RiskMedium)
	file := w.do(w.actor("eleni"), cases.OpenCase{
		Type: cases.PaymentQuery, About: c.ref, Origin: "email", OriginRef: "mail-2026-09-14-1127",
		OriginSum: "b94d27b9934d3e08a52e52d7da7dabfac484efe37a5380ee9088f7ace2efcde9",
		Title:     "Account holder Nowicka, client Wolańska: certificate of marriage received",
	})
	w.pass(45 * minute)
	out := w.do(w.actor("eleni"), payments.ReleaseWithdrawal{
		Withdrawal: id, Minor: 48_200_00, Currency: c.currency, Case: file.Subject,
		Words: "The account is in the client's maiden name; marriage certificate and identity card show one person, same date of birth.",
	})
	w.pass(52 * minute)
	w.agree(out.Proposal, "adaeze", "Certificate and identity card compared; amount equals the closing balance of the position.")
	w.agree(out.Proposal, "andreas", "Same person beyond doubt: date of birth, birthplace and signature. Source of funds on file.")
	w.settle()
	w.do(w.actor("adaeze"), cases.CloseCase{Case: file.Subject, Outcome: "resolved", Words: "Paid to the client's own account; the bank detail was kept with the certificate."})
	return id
}
