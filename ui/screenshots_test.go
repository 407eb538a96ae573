package ui

import (
	"bytes"
	"flag"
	"fmt"
	"html"
	"image"
	"image/color"
	"image/png"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/charmbracelet/x/ansi"

	"wtptui/engine/fake"
)

var screenshots = flag.Bool("screenshots", false,
	"take the README's screenshots anew; needs Chromium and a monospace font")

// shots returns the pictures of the demo, in the order of the README.
func shots() []scene {
	thousand := []option{func(_ *Config, o *fake.Options) { o.Scripts = fake.DemoWithMany(1000) }}
	return []scene{
		{"main", thousand, nil},
		{"overview", thousand, openTab("wiki.pub", "1")},
		{"pieces", thousand, openTab("radio.example.org", "5")},
		{"requests", thousand, openTab("radio.example.org", "6")},
		{"publish", thousand, publishUpTo("/home/me/secret-site", "enter")},
	}
}

const shotDir = "screenshots"

// `make screenshots` takes pictures of the demo, each as text and as PNG. Without its flag the test only checks that
// they exist and are in the README.
func TestScreenshots(t *testing.T) {
	readme, err := os.ReadFile("../README.md")
	if err != nil {
		t.Fatal(err)
	}
	for _, s := range shots() {
		file := filepath.Join(shotDir, s.name)
		if *screenshots {
			d := s.play(t, 120, 36)
			d.advance(40 * time.Second)
			if err := os.WriteFile(file+".txt", []byte(d.screen()+"\n"), 0o644); err != nil {
				t.Fatal(err)
			}
			picture(t, d.m.display.frame.draw(), file+".png")
		}
		for _, ext := range []string{".txt", ".png"} {
			if info, err := os.Stat(file + ext); err != nil || info.Size() > 150<<10 {
				t.Errorf("%s%s: %v, or too large: make screenshots", file, ext, err)
			}
		}
		if !bytes.Contains(readme, []byte("(ui/"+filepath.ToSlash(file)+".png)")) {
			t.Errorf("the README does not show %s.png", file)
		}
	}
}

// Cells of the picture, in pixels.
const (
	cellW, cellH = 9, 18
	ground       = "#101418"
	ink          = "#d8dee9"
)

// picture makes a PNG of a frame with Chromium.
func picture(t *testing.T, frame, file string) {
	t.Helper()
	var b strings.Builder
	fmt.Fprintf(&b, `<!doctype html><meta charset=utf-8><style>`+
		`body{margin:10px;background:%s;color:%s;font:15px/%dpx "DejaVu Sans Mono",monospace}`+
		`div{height:%dpx;white-space:pre;display:flex}i{font-style:normal;display:inline-block;overflow:hidden}</style>`,
		ground, ink, cellH, cellH)
	lines := strings.Split(frame, "\n")
	width := 0
	for _, l := range lines {
		width = max(width, cellsOf(l))
		b.WriteString("<div>" + cellsHTML(l) + "</div>")
	}
	dir := t.TempDir()
	page, shot := filepath.Join(dir, "page.html"), filepath.Join(dir, "shot.png")
	if err := os.WriteFile(page, []byte(b.String()), 0o600); err != nil {
		t.Fatal(err)
	}
	cmd := exec.CommandContext(t.Context(), "chromium", "--headless", "--no-sandbox", "--disable-gpu",
		"--hide-scrollbars", "--no-first-run",
		"--disable-background-networking", "--disable-sync", "--disable-component-update",
		"--user-data-dir="+filepath.Join(dir, "user"),
		fmt.Sprintf("--window-size=%d,%d", width*cellW+20, len(lines)*cellH+20), "--screenshot="+shot, "file://"+page)
	if out, err := cmd.CombinedOutput(); err != nil {
		t.Fatalf("chromium: %v: %s", err, out)
	}
	data, err := os.ReadFile(shot)
	if err != nil {
		t.Fatal(err)
	}
	small, err := shrink(data)
	if err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(file, small, 0o644); err != nil {
		t.Fatal(err)
	}
}

// cellsHTML writes a styled line with each character in cells of its own, as a terminal has them.
func cellsHTML(line string) string {
	var b strings.Builder
	style := ""
	for i, part := range strings.Split(line, "\x1b[") {
		if i > 0 {
			var sgr string
			sgr, part, _ = strings.Cut(part, "m")
			style = css(sgr)
		}
		for len(part) > 0 {
			cluster, w := ansi.FirstGraphemeCluster(part, ansi.GraphemeWidth)
			part = part[len(cluster):]
			fmt.Fprintf(&b, `<i style="width:%dpx;%s">%s</i>`, w*cellW, style, html.EscapeString(cluster))
		}
	}
	return b.String()
}

// css returns the CSS for the SGR parameters of our themes: each sequence replaces the one before.
func css(sgr string) string {
	var out strings.Builder
	p := strings.Split(sgr, ";")
	for i := 0; i < len(p); i++ {
		switch p[i] {
		case "1":
			out.WriteString("font-weight:bold;")
		case "7":
			fmt.Fprintf(&out, "color:%s;background:%s;", ground, ink)
		case "38", "48":
			if i+4 < len(p) && p[i+1] == "2" {
				name := map[string]string{"38": "color", "48": "background"}[p[i]]
				fmt.Fprintf(&out, "%s:rgb(%s,%s,%s);", name, p[i+2], p[i+3], p[i+4])
				i += 4
			}
		}
	}
	return out.String()
}

// shrink reduces a picture to its 256 most frequent colours: a fifth of the size, and the difference is invisible.
func shrink(data []byte) ([]byte, error) {
	full, err := png.Decode(bytes.NewReader(data))
	if err != nil {
		return nil, err
	}
	r := full.Bounds()
	index := map[color.RGBA]uint8{}
	var palette color.Palette
	out := image.NewPaletted(r, nil)
	for bits := 4; bits > 0; bits-- { // Fewer shades until they fit.
		clear(index)
		palette = palette[:0]
		fits := true
		for y := r.Min.Y; y < r.Max.Y && fits; y++ {
			for x := r.Min.X; x < r.Max.X && fits; x++ {
				c := coarse(full.At(x, y), bits)
				at, known := index[c]
				if !known {
					if fits = len(palette) < 256; !fits {
						break
					}
					at = uint8(len(palette))
					index[c] = at
					palette = append(palette, c)
				}
				out.Pix[out.PixOffset(x, y)] = at
			}
		}
		if fits {
			break
		}
	}
	out.Palette = palette
	var b bytes.Buffer
	err = (&png.Encoder{CompressionLevel: png.BestCompression}).Encode(&b, out)
	return b.Bytes(), err
}

// coarse keeps the upper bits of each channel.
func coarse(c color.Color, bits int) color.RGBA {
	r, g, b, _ := c.RGBA()
	cut := func(v uint32) uint8 {
		top := uint32(1)<<bits - 1
		return uint8((v*top + 0x7fff) / 0xffff * 255 / top)
	}
	return color.RGBA{cut(r), cut(g), cut(b), 255}
}
