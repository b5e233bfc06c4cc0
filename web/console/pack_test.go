package console

import (
	"bytes"
	"net/http"
	"strings"
	"testing"

	"vouchsafe/evidence"
	"vouchsafe/oversight"
)

func TestPacksAreDownloaded(t *testing.T) {
	x := openTill(t)
	path := x.request("300.00", "Adelheid Canaryname")
	maria, sue, nia := x.as("maria"), x.as("sue"), x.as("nia")
	pages := map[string]string{"client": "/clients/" + string(x.client), "withdrawal": path, "staff": "/staff/" + string(x.who["sue"])}
	for kind, page := range pages {
		to := "/packs/" + kind + "/" + string(refOf(page))
		if p := maria.get(page, http.StatusOK); !strings.Contains(p.body, `action="`+to+`"`) {
			t.Errorf("%s offers no pack to compliance", page)
		}
		a := maria.post(to, http.StatusOK)
		if a.header.Get("Content-Type") != "application/zip" || !strings.HasPrefix(a.header.Get("Content-Disposition"), "attachment; filename=pack-"+kind+"-") {
			t.Errorf("%s comes as %q, %q", to, a.header.Get("Content-Type"), a.header.Get("Content-Disposition"))
		}
		keys, err := x.signer.Verifiers("en_cy", "en_sc", "group")
		must(t, err)
		found, _, err := evidence.VerifyPack(strings.NewReader(a.body), int64(len(a.body)), keys, oversight.PDFPrinter{})
		must(t, err)
		for _, p := range found {
			t.Errorf("%s: %v", to, p)
		}
		evs := x.Events(refOf(page))
		if last := evs[len(evs)-1]; last.Type != "command.data.exported" || last.Actor != x.who["maria"] {
			t.Errorf("%s left %s by %s", to, last.Type, last.Actor)
		}
		if bytes.Contains([]byte(a.body), []byte("not yet sealed")) {
			t.Error("what had been recorded was not sealed first")
		}
	}
	client := "/packs/client/" + string(x.client)
	if p := sue.get("/clients/"+string(x.client), http.StatusOK); strings.Contains(p.body, client) {
		t.Error("support is offered a pack")
	}
	denied := sue.post(client, http.StatusForbidden)
	x.lacks("the denial", denied.body, "Build and download", "See the evidence of this refusal")
	nia.post(client, http.StatusNotFound)
	maria.post("/packs/client/cl_06f3m5w382acp9jcgb1aw", http.StatusNotFound)
	maria.post("/packs/client/"+string(refOf(path)), http.StatusNotFound)
	maria.post("/packs/nothing/"+string(x.client), http.StatusNotFound)
}

func TestPacksOfAPeriodAndWhenTheyCannotBeBuilt(t *testing.T) {
	x := openTill(t)
	maria := x.as("maria")
	to := "/packs/client/" + string(x.client)
	maria.get(to, http.StatusOK)
	for _, c := range [][2]string{{"yesterday", ""}, {"2026-05-02", "2026-05-01"}} {
		a := maria.post(to, http.StatusUnprocessableEntity, "from", c[0], "to", c[1])
		if !strings.Contains(a.body, `value="`+c[0]+`"`) {
			t.Errorf("%v: the form does not come back", c)
		}
	}
	maria.post(to, http.StatusOK, "from", "2026-05-01", "to", "2026-05-05")
	for range packsAtOnce {
		x.server.packing <- struct{}{}
	}
	busy := maria.post(to, http.StatusServiceUnavailable)
	x.lacks("a full house", busy.body, "Other packs are being built", "Build and download")
}
