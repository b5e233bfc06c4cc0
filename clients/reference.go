package clients

import (
	"context"
	"regexp"
	"strings"

	"vouchsafe/core"
	"vouchsafe/store"
)

// PaymentReference is what a client writes when paying in, so that the money is
// known for theirs: the whole reference of the record, in capitals, without the
// underscore that banks do not carry. It says nothing about the person.
func PaymentReference(client core.Ref) string {
	return strings.ToUpper(strings.Replace(string(client), "_", "", 1))
}

// reference finds payment references in what payers write: banks change case
// and break lines.
var reference = regexp.MustCompile(`(?i)\bcl[\s_-]?([0-9a-z]{21})\b`)

// ByReference finds the client whom a payer meant; "" when the text names
// nobody, or more than one.
func (Service) ByReference(ctx context.Context, r store.Reader, text string) (core.Ref, error) {
	var found core.Ref
	for _, m := range reference.FindAllStringSubmatch(text, 4) {
		c, err := clients.Get(ctx, r, string(core.KindClient)+"_"+strings.ToLower(m[1]))
		if err != nil {
			return "", err
		}
		if c == nil || c.ID == found {
			continue
		}
		if found != "" {
			return "", nil
		}
		found = c.ID
	}
	return found, nil
}
