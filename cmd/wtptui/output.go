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

// printJSON prints a value as one indented JSON document, without escapes for HTML.
func printJSON(w io.Writer, v any) error {
	enc := json.NewEncoder(w)
	enc.SetIndent("", "  ")
	enc.SetEscapeHTML(false)
	return enc.Encode(withEmptyLists(v))
}

// printJSONLine prints a value as JSON in one line, for a sequence of documents.
func printJSONLine(w io.Writer, v any) error {
	enc := json.NewEncoder(w)
	enc.SetEscapeHTML(false)
	return enc.Encode(withEmptyLists(v))
}

// withEmptyLists returns v with empty slices in place of nil ones, so that scripts find a list everywhere.
func withEmptyLists(v any) any {
	filled := reflect.New(reflect.TypeOf(v)).Elem()
	filled.Set(reflect.ValueOf(v))
	replaceNilSlices(filled)
	return filled.Interface()
}

// replaceNilSlices changes v in place, but copies what v shares with others.
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

// printTable prints rows in columns that are separated by two blanks. Columns whose heading starts with ">" are aligned
// to the right. The last column is not padded. Empty cells are printed as "-", so that columns can be counted.
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

// printFields prints names and values below each other, without those that are empty.
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

// formatBytes formats a number of bytes in at most four digits: 812B, 12.4K, 1.2G. Negative numbers are not known.
func formatBytes(n int64) string {
	if n < 0 {
		return "?"
	}
	if n < 1024 {
		return strconv.FormatInt(n, 10) + "B"
	}
	const units = "BKMGTPE"
	f := float64(n)
	unit := 0
	for f >= 999.95 && unit < len(units)-1 {
		f /= 1024
		unit++
	}
	return fmt.Sprintf("%.1f%c", f, units[unit])
}

func formatRate(n int64) string { return formatBytes(n) + "/s" }

// pluralize returns a number with its noun: "1 file", "12 files".
func pluralize(n int, noun string) string {
	if n != 1 {
		noun += "s"
	}
	return strconv.Itoa(n) + " " + noun
}

// formatPercent rounds down: 100% means that nothing is missing.
func formatPercent(done float64) string { return strconv.Itoa(int(done*100)) + "%" }

// formatTimeLeft formats the time left, in minutes and seconds or more.
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
