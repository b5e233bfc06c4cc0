package evidence

import (
	"testing"
	"unicode/utf8"

	"github.com/gowebpki/jcs"
)

// Our canonical writer agrees with an independent RFC 8785 library on every
// string that can be stored.
func FuzzCanonicalText(f *testing.F) {
	for _, s := range []string{"", "plain", "\x00\x1f\x7f", "quote\" back\\slash", "\u2028\u2029", "ß😀é", "</script>"} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, s string) {
		if !utf8.ValidString(s) {
			return // refused by the store
		}
		var c canon
		o := c.open()
		o.text("a", s).list("b", []string{s, "x"}).number("c", 12)
		got := string(o.close().b)
		want, err := jcs.Transform([]byte(got))
		if err != nil || string(want) != got {
			t.Fatalf("ours %q, theirs %q, %v", got, want, err)
		}
	})
}

func TestCanonicalMembersComeInOrder(t *testing.T) {
	defer func() {
		if recover() == nil {
			t.Fatal("a wrong order was written")
		}
	}()
	var c canon
	c.open().text("b", "1").text("a", "2")
}

func TestWords(t *testing.T) {
	for text, want := range map[string]string{
		"EUR 48,200.00":         "48200 48200.00 eur",
		"j.doe@Example.COM":     "j.doe@example.com",
		"  Łukasz O'Brien, Jr.": "brien jr o łukasz",
		"WD-7K3M":               "wd-7k3m",
		"...":                   "",
	} {
		got := ""
		for i, w := range Words(text) {
			if i > 0 {
				got += " "
			}
			got += w
		}
		if got != want {
			t.Errorf("%q gave %q, want %q", text, got, want)
		}
	}
}
