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

// Bounds of a list.
const (
	maxList    = 16 << 20 // bytes of the whole
	maxLine    = 4 << 10  // bytes of one line
	maxRubbish = 100      // lines that are reported one by one
)

// Entry is one site of a list.
type Entry struct {
	Host string
	// Address is how the list names it; a magnet link names trackers too.
	Address string
}

// List is what a list says.
type List struct {
	// Entries are its sites in order, each once.
	Entries []Entry
	// Rubbish are the first lines that name no site, and Skipped is how many there are.
	Rubbish []Rubbish
	Skipped int
}

// NoSites is the error of a list that names no site at all.
func NoSites(source string, l List) error {
	msg := engine.Clean(source) + " names no site: write one address a line into it"
	if l.Skipped > 0 {
		msg = engine.Clean(source) + " is no list of sites: not one of its lines is the address of a site"
	}
	return &engine.Error{Op: "pin list", Kind: engine.Refused, Msg: msg}
}

// Rubbish is a line that names no site.
type Rubbish struct {
	// Line counts from 1.
	Line int `json:"line"`
	// Why is clean.
	Why string `json:"why"`
}

// Parse reads a list: one address a line, in any form but the path of a .torrent file; # begins a comment. Lines that
// name no site are skipped and reported. Kind TooLarge for more than 16 MiB.
func Parse(r io.Reader) (List, error) {
	var l List
	seen := map[string]bool{}
	in := bufio.NewReaderSize(io.LimitReader(r, maxList+1), 64<<10)
	read := 0
	for number := 1; ; number++ {
		line, err := in.ReadString('\n')
		ended := errors.Is(err, io.EOF)
		read += len(line)
		switch {
		case read > maxList:
			return l, &engine.Error{Op: "pin list", Kind: engine.TooLarge, Msg: "the list is over 16 MiB: split it"}
		case err != nil && !ended:
			return l, fmt.Errorf("read the list: %w", err)
		}
		if number == 1 {
			line = strings.TrimPrefix(line, "\ufeff")
		}
		if e, reason := parseLine(line); reason != nil {
			l.skip(number, engine.Message(reason))
		} else if e.Host != "" && !seen[e.Host] {
			seen[e.Host] = true
			l.Entries = append(l.Entries, e)
		}
		if ended {
			return l, nil
		}
	}
}

func (l *List) skip(line int, why string) {
	l.Skipped++
	if len(l.Rubbish) < maxRubbish {
		l.Rubbish = append(l.Rubbish, Rubbish{line, why})
	}
}

// parseLine returns no host for a line that has nothing but a comment.
func parseLine(line string) (Entry, error) {
	if len(line) > maxLine {
		return Entry{}, errors.New("the line is over 4 KiB")
	}
	// A # inside an address begins its fragment; a comment has a blank before it, or nothing.
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
