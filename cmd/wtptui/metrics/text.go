package metrics

import (
	"io"
	"strconv"
	"strings"
)

// contentType is that of the text format, version 0.0.4.
const contentType = "text/plain; version=0.0.4; charset=utf-8"

// The kinds of families.
const (
	counter   = "counter"
	gauge     = "gauge"
	histogram = "histogram"
)

// family has all samples of a metric.
type family struct {
	name, kind, help string
	samples          []sample
}

// sample is a line. The suffix is what a histogram adds to the family's name.
type sample struct {
	suffix string
	labels []label
	value  float64
}

type label struct{ name, value string }

// singleSample returns a family of one sample without labels.
func singleSample(name, kind, help string, value float64) family {
	return family{name, kind, help, []sample{{value: value}}}
}

// writeText writes families in the text format.
func writeText(w io.Writer, families []family) error {
	var b strings.Builder
	for _, f := range families {
		b.WriteString("# HELP " + f.name + " " + helpEscaper.Replace(f.help) + "\n# TYPE " + f.name + " " + f.kind + "\n")
		for _, s := range f.samples {
			b.WriteString(f.name + s.suffix)
			for i, l := range s.labels {
				separator := ","
				if i == 0 {
					separator = "{"
				}
				b.WriteString(separator + l.name + `="` + labelEscaper.Replace(l.value) + `"`)
			}
			if len(s.labels) > 0 {
				b.WriteByte('}')
			}
			b.WriteString(" " + formatValue(s.value) + "\n")
		}
	}
	_, err := io.WriteString(w, b.String())
	return err
}

var (
	helpEscaper  = strings.NewReplacer(`\`, `\\`, "\n", `\n`)
	labelEscaper = strings.NewReplacer(`\`, `\\`, "\n", `\n`, `"`, `\"`)
)

func formatValue(v float64) string { return strconv.FormatFloat(v, 'g', -1, 64) }

func boolValue(b bool) float64 {
	if b {
		return 1
	}
	return 0
}
