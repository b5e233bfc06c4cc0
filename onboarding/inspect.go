package onboarding

import (
	"bytes"
	"encoding/binary"
	"fmt"
	"hash/crc32"

	"vouchsafe/command"
)

// The media types that are taken.
const (
	JPEG = "image/jpeg"
	PNG  = "image/png"
	WebP = "image/webp"
	PDF  = "application/pdf"
)

// Limits of what is taken.
const (
	MaxBytes  = 20 << 20   // of one file
	MaxPixels = 40_000_000 // of one image, by its header
)

// Inspect finds the media type of a file in its first bytes and looks through
// its structure without decoding a pixel or a page, so that a small file
// cannot cost much memory here. A refusal's text tells the sender what to do;
// nil means that the file may be stored.
func Inspect(b []byte) (media string, why *command.Refusal) {
	media = Sniff(b)
	switch media {
	case "":
		if len(b) == 0 {
			return "", refusal("file-empty", "This file is empty. Choose the right one, and upload that.")
		}
		return "", refusal("file-type", "This is not a JPEG, PNG, WebP or PDF file, whatever its name says. Take a photo or make a PDF, and upload that.")
	case PNG:
		why = inspectPNG(b)
	case JPEG:
		why = inspectJPEG(b)
	case WebP:
		why = inspectWebP(b)
	case PDF:
		why = inspectPDF(b)
	}
	if why == nil && archive(b) {
		why = refusal("file-hides-archive", "There is an archive hidden in this file. Take a photo or print to a new PDF, and upload that.")
	}
	return media, why
}

// Sniff is the media type that a file's first bytes tell, or "".
func Sniff(b []byte) string {
	switch {
	case bytes.HasPrefix(b, []byte("\x89PNG\r\n\x1a\n")):
		return PNG
	case bytes.HasPrefix(b, []byte("\xff\xd8\xff")):
		return JPEG
	case len(b) >= 12 && string(b[:4]) == "RIFF" && string(b[8:12]) == "WEBP":
		return WebP
	case bytes.HasPrefix(b, []byte("%PDF-")):
		return PDF
	}
	return ""
}

func refusal(code, text string) *command.Refusal { return &command.Refusal{Code: code, Text: text} }

func damaged(what string) *command.Refusal {
	return refusal("file-damaged", "This "+what+" is damaged or cut off. Save or photograph it again, and upload that.")
}

// pixels refuses an image by the size that its header gives. The product of
// two 32-bit numbers fits.
func pixels(w, h uint32) *command.Refusal {
	switch n := uint64(w) * uint64(h); {
	case n == 0:
		return damaged("image")
	case n > MaxPixels:
		return refusal("image-too-large", fmt.Sprintf("This image has more than %d million pixels. Save it smaller, and upload that.", MaxPixels/1_000_000))
	}
	return nil
}

// archive finds the end record of a ZIP archive, which its readers look for at
// the end of whatever file they are given.
func archive(b []byte) bool {
	const record, comment = 22, 1 << 16
	return bytes.Contains(b[max(0, len(b)-record-comment):], []byte("PK\x05\x06"))
}

// inspectPNG walks the chunks: the header first, every checksum right, the end
// chunk last and nothing after it.
func inspectPNG(b []byte) *command.Refusal {
	for at, n := 8, 0; ; n++ {
		if len(b)-at < 12 {
			return damaged("image")
		}
		size := binary.BigEndian.Uint32(b[at:])
		if uint64(size) > uint64(len(b)-at-12) {
			return damaged("image")
		}
		end := at + 8 + int(size)
		chunk := b[at+4 : end]
		if crc32.ChecksumIEEE(chunk) != binary.BigEndian.Uint32(b[end:]) {
			return damaged("image")
		}
		kind := string(chunk[:4])
		if (n == 0) != (kind == "IHDR") || kind == "IHDR" && size != 13 {
			return damaged("image")
		}
		if kind == "IHDR" {
			if why := pixels(binary.BigEndian.Uint32(chunk[4:]), binary.BigEndian.Uint32(chunk[8:])); why != nil {
				return why
			}
		}
		at = end + 4
		if kind == "IEND" {
			if at != len(b) {
				return refusal("file-tail", "There is something after the end of this image. Save it again, and upload that.")
			}
			return nil
		}
	}
}

// inspectJPEG walks the segments to the end mark. Cameras put data of their
// own after it, so a tail is not refused here.
func inspectJPEG(b []byte) *command.Refusal {
	sized := false
	for at := 2; ; {
		for at < len(b) && b[at] == 0xff && at+1 < len(b) && b[at+1] == 0xff {
			at++
		}
		if at+2 > len(b) || b[at] != 0xff {
			return damaged("image")
		}
		mark := b[at+1]
		at += 2
		switch {
		case mark == 0xd9:
			if !sized {
				return damaged("image")
			}
			return nil
		case mark == 0x01 || mark >= 0xd0 && mark <= 0xd7:
			continue
		}
		if len(b)-at < 2 {
			return damaged("image")
		}
		size := int(binary.BigEndian.Uint16(b[at:]))
		if size < 2 || size > len(b)-at {
			return damaged("image")
		}
		if frame(mark) {
			if size < 8 {
				return damaged("image")
			}
			sized = true
			if why := pixels(uint32(binary.BigEndian.Uint16(b[at+5:])), uint32(binary.BigEndian.Uint16(b[at+3:]))); why != nil {
				return why
			}
		}
		at += size
		if mark == 0xda {
			at = scanned(b, at)
		}
	}
}

// frame reports the markers whose segment gives the size.
func frame(mark byte) bool {
	return mark >= 0xc0 && mark <= 0xcf && mark != 0xc4 && mark != 0xc8 && mark != 0xcc
}

// scanned is where the coded data that begins at a position ends: at the next
// marker that is neither a stuffed byte nor a restart.
func scanned(b []byte, at int) int {
	for ; at+1 < len(b); at++ {
		if b[at] == 0xff && b[at+1] != 0 && (b[at+1] < 0xd0 || b[at+1] > 0xd7) {
			return at
		}
	}
	return len(b)
}

// inspectWebP checks that the container ends where the file does, and finds
// the size in the first chunk, which is one of three kinds.
func inspectWebP(b []byte) *command.Refusal {
	const head = 30
	if len(b) < head || uint64(binary.LittleEndian.Uint32(b[4:]))+8 != uint64(len(b)) {
		return damaged("image")
	}
	var w, h uint32
	switch string(b[12:16]) {
	case "VP8 ":
		if string(b[23:26]) != "\x9d\x01\x2a" {
			return damaged("image")
		}
		w, h = uint32(binary.LittleEndian.Uint16(b[26:])&0x3fff), uint32(binary.LittleEndian.Uint16(b[28:])&0x3fff)
	case "VP8L":
		if b[20] != 0x2f {
			return damaged("image")
		}
		bits := binary.LittleEndian.Uint32(b[21:])
		w, h = bits&0x3fff+1, bits>>14&0x3fff+1
	case "VP8X":
		w = uint32(b[24]) | uint32(b[25])<<8 | uint32(b[26])<<16 + 1
		h = uint32(b[27]) | uint32(b[28])<<8 | uint32(b[29])<<16 + 1
	default:
		return damaged("image")
	}
	return pixels(w, h)
}
