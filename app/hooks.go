package app

import (
	"io"
	"net/http"

	"vouchsafe/core"
)

// webhookLimit is more than any provider's event needs.
const webhookLimit = 64 << 10

// webhook takes one delivery of a payment provider. The answer says only
// whether it was taken: a stranger learns nothing from it.
func (a *App) webhook(w http.ResponseWriter, r *http.Request, report func(error)) {
	body, err := io.ReadAll(http.MaxBytesReader(w, r.Body, webhookLimit))
	if err != nil {
		http.Error(w, "too large", http.StatusRequestEntityTooLarge)
		return
	}
	header := map[string]string{}
	for name := range r.Header {
		header[name] = r.Header.Get(name)
	}
	err = a.Domains.Payouts.Webhook(r.Context(), r.PathValue("name"), header, body)
	switch f := core.AsFault(err); {
	case err == nil:
		w.WriteHeader(http.StatusNoContent)
	case f.Kind == core.Unknown:
		http.Error(w, "unknown", http.StatusNotFound)
	case f.Kind == core.Internal || f.Kind == core.Unavailable:
		report(err) // the provider delivers again
		http.Error(w, "later", http.StatusServiceUnavailable)
	default:
		http.Error(w, "refused", http.StatusBadRequest)
	}
}
