package pinlist

import (
	"bufio"
	"errors"
	"fmt"
	"io"
	"strings"
	"unicode"

	"wtptui/engine"
)

// The limits of a list.
const (
	maxListBytes = 16 << 20 // bytes of the whole
	maxLineBytes = 4 << 10  // bytes of one line
	maxBadLines  = 100      // lines that are reported individually
)

// Entry is a site of a list.
type Entry struct {
	Host string
	// Address is the address in the list; a magnet link includes trackers.
	Address string
}

// List is a parsed list.
type List struct {
	// Entries are its sites in order, without duplicates.
	Entries []Entry
	// BadLines are the first lines that name no site, and Skipped is the number of all such lines.
	BadLines []Rubbish
	Skipped  int
}

// NoSitesError returns the error for a list that names no site at all.
func NoSitesError(source string, l List) error {
	msg := engine.Clean(source) + " names no site: write one address a line into it"
	if l.Skipped > 0 {
		msg = engine.Clean(source) + " is not a list of sites: not one of its lines is the address of a site"
	}
	return &engine.Error{Op: "pin list", Kind: engine.Refused, Msg: msg}
}

// Rubbish is a line that names no site.
type Rubbish struct {
	// Line is the line number, from 1.
	Line int `json:"line"`
	// Reason is clean.
	Reason string `json:"why"`
}

// Parse reads a list: one address a line, in any form but the path of a .torrent file; # starts a comment. Lines that
// name no site are skipped and reported. The error has Kind TooLarge for a list of more than 16 MiB.
func Parse(r io.Reader) (List, error) {
	var l List
	seen := map[string]bool{}
	in := bufio.NewReaderSize(io.LimitReader(r, maxListBytes+1), 64<<10)
	read := 0
	for number := 1; ; number++ {
		line, err := in.ReadString('\n')
		ended := errors.Is(err, io.EOF)
		read += len(line)
		switch {
		case read > maxListBytes:
			return l, &engine.Error{Op: "pin list", Kind: engine.TooLarge, Msg: "the list is over 16 MiB: split it"}
		case err != nil && !ended:
			return l, fmt.Errorf("read the list: %w", err)
		}
		if number == 1 {
			line = strings.TrimPrefix(line, "\ufeff")
		}
		if e, reason := parseLine(line); reason != nil {
			l.addBadLine(number, engine.Message(reason))
		} else if e.Host != "" && !seen[e.Host] {
			seen[e.Host] = true
			l.Entries = append(l.Entries, e)
		}
		if ended {
			return l, nil
		}
	}
}

func (l *List) addBadLine(line int, why string) {
	l.Skipped++
	if len(l.BadLines) < maxBadLines {
		l.BadLines = append(l.BadLines, Rubbish{line, why})
	}
}

// parseLine returns an entry without a host for a line with nothing but a comment.
func parseLine(line string) (Entry, error) {
	if len(line) > maxLineBytes {
		return Entry{}, errors.New("the line is over 4 KiB")
	}
	// A # inside an address starts its fragment; a comment starts at a # after a blank or at the start of the line.
	for i, c := range line {
		if c == '#' && (i == 0 || line[i-1] == ' ' || line[i-1] == '\t') {
			line = line[:i]
			break
		}
	}
	line = strings.TrimSpace(line)
	if line == "" {
		return Entry{}, nil
	}
	if strings.ContainsFunc(line, unicode.IsControl) {
		return Entry{}, errors.New("there is a control character in it")
	}
	addr, err := engine.ParseAddress(line)
	switch {
	case err != nil:
		return Entry{}, err
	case addr.TorrentFile != "":
		return Entry{}, errors.New("a list cannot name .torrent files")
	case addr.Host == "":
		return Entry{}, errors.New("this local URL does not tell which site it is")
	}
	return Entry{addr.Host, line}, nil
}
