package main

import (
	"encoding/json"
	"fmt"
	"io"
	"reflect"
	"strconv"
	"strings"
	"time"

	"github.com/charmbracelet/x/ansi"
)

// printJSON prints a value the way that scripts like: one document, indented, nothing escaped for HTML.
func printJSON(w io.Writer, v any) error {
	enc := json.NewEncoder(w)
	enc.SetIndent("", "  ")
	enc.SetEscapeHTML(false)
	return enc.Encode(withEmptyLists(v))
}

// printJSONLine prints a value in one line, for output that goes on.
func printJSONLine(w io.Writer, v any) error {
	enc := json.NewEncoder(w)
	enc.SetEscapeHTML(false)
	return enc.Encode(withEmptyLists(v))
}

// withEmptyLists is v with an empty list wherever it has none: a script should find a list even where there is nothing.
func withEmptyLists(v any) any {
	filled := reflect.New(reflect.TypeOf(v)).Elem()
	filled.Set(reflect.ValueOf(v))
	replaceNilSlices(filled)
	return filled.Interface()
}

// replaceNilSlices changes v, but nothing that v shares with others.
func replaceNilSlices(v reflect.Value) {
	switch v.Kind() {
	case reflect.Struct:
		for i := range v.NumField() {
			if v.Type().Field(i).IsExported() {
				replaceNilSlices(v.Field(i))
			}
		}
	case reflect.Pointer:
		if !v.IsNil() {
			own := reflect.New(v.Type().Elem())
			own.Elem().Set(v.Elem())
			replaceNilSlices(own.Elem())
			v.Set(own)
		}
	case reflect.Slice:
		own := reflect.MakeSlice(v.Type(), v.Len(), v.Len())
		reflect.Copy(own, v)
		for i := range own.Len() {
			replaceNilSlices(own.Index(i))
		}
		v.Set(own)
	}
}

// table prints rows as columns parted by two blanks. Columns whose heading starts with ">" are flush right. The last
// column is not padded. Every cell has something in it, so that columns can be counted.
func printTable(w io.Writer, head []string, rows [][]string) {
	right := make([]bool, len(head))
	widths := make([]int, len(head))
	shown := make([]string, len(head))
	for i, h := range head {
		shown[i], right[i] = strings.CutPrefix(h, ">")
		widths[i] = ansi.StringWidth(shown[i])
	}
	for _, row := range rows {
		for i, cell := range row {
			widths[i] = max(widths[i], ansi.StringWidth(cell))
		}
	}
	for _, row := range append([][]string{shown}, rows...) {
		var line strings.Builder
		for i, cell := range row {
			if cell == "" {
				cell = "-"
			}
			pad := strings.Repeat(" ", max(0, widths[i]-ansi.StringWidth(cell)))
			if right[i] {
				cell = pad + cell
			} else {
				cell += pad
			}
			line.WriteString(cell + "  ")
		}
		fmt.Fprintln(w, strings.TrimRight(line.String(), " "))
	}
}

// fields prints names and values below each other.
func printFields(w io.Writer, pairs ...string) {
	width := 0
	for i := 0; i < len(pairs); i += 2 {
		width = max(width, len(pairs[i]))
	}
	for i := 0; i < len(pairs); i += 2 {
		if pairs[i+1] != "" {
			fmt.Fprintf(w, "%-*s  %s\n", width, pairs[i], pairs[i+1])
		}
	}
}

// bytes shows a number of bytes in at most four figures: 812B, 12.4K, 1.2G.
func formatBytes(n int64) string {
	if n < 0 {
		return "?"
	}
	if n < 1024 {
		return strconv.FormatInt(n, 10) + "B"
	}
	f := float64(n)
	unit := 0
	for f >= 999.95 && unit < 6 {
		f /= 1024
		unit++
	}
	return fmt.Sprintf("%.1f%c", f, "BKMGTPE"[unit])
}

func formatRate(n int64) string { return formatBytes(n) + "/s" }

// counted is a number with its noun: "1 file", "12 files".
func pluralize(n int, noun string) string {
	if n != 1 {
		noun += "s"
	}
	return strconv.Itoa(n) + " " + noun
}

// percent rounds down: 100% means that nothing is missing.
func formatPercent(done float64) string { return strconv.Itoa(int(done*100)) + "%" }

// until is the time left, in minutes and seconds or more.
func formatTimeLeft(left time.Duration) string {
	switch {
	case left <= 0:
		return "now"
	case left < time.Minute:
		return left.Truncate(time.Second).String()
	case left < time.Hour:
		return left.Truncate(time.Second).String()
	}
	return shortDuration(left.Truncate(time.Minute))
}
