package console

import (
	"fmt"
	"image/color"
	"strings"

	"github.com/boombuler/barcode/qr"
)

// qrView is a QR code as a path of squares, for an SVG without a style.
type qrView struct {
	Box  string // viewBox, with the quiet zone that readers need
	Size int    // modules with the quiet zone
	Path string
}

// quietZone is the white margin of a QR code, in modules.
const quietZone = 4

// qrOf draws a text. Rows of dark modules become one rectangle each.
func qrOf(text string) (qrView, error) {
	code, err := qr.Encode(text, qr.M, qr.Auto)
	if err != nil {
		return qrView{}, err
	}
	n := code.Bounds().Dx()
	dark := func(x, y int) bool {
		return x < n && color.GrayModel.Convert(code.At(x, y)).(color.Gray).Y < 128
	}
	var b strings.Builder
	for y := range n {
		for x := 0; x < n; x++ {
			from := x
			for dark(x, y) {
				x++
			}
			if x > from {
				fmt.Fprintf(&b, "M%d %dh%dv1h-%dz", from, y, x-from, x-from)
			}
		}
	}
	size := n + 2*quietZone
	return qrView{Box: fmt.Sprintf("-%d -%d %d %d", quietZone, quietZone, size, size), Size: size, Path: b.String()}, nil
}
