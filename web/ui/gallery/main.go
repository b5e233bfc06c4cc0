// Command gallery serves every component and a few sample pages with mock
// data, under the same strict content policy as the product:
//
//	go run ./web/ui/gallery            # http://localhost:8088
//
// It is where a component is looked at while it is made, and what the tests of
// package ui scan: nothing in it may need inline style or script.
package main

import (
	"flag"
	"fmt"
	"net/http"
	"os"
	"time"
)

func main() {
	addr := flag.String("addr", "localhost:8088", "where to listen")
	flag.Parse()
	fmt.Fprintf(os.Stderr, "gallery on http://%s\n", *addr)
	s := &http.Server{Addr: *addr, Handler: Handler(), ReadHeaderTimeout: 5 * time.Second}
	fmt.Fprintln(os.Stderr, s.ListenAndServe())
	os.Exit(1)
}
