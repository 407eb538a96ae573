package publish

import (
	"cmp"
	"fmt"
	"slices"
	"sync"

	"wtptui/engine"
)

// The maximum number of findings that are shown of one code. A person reads no more notes; findings that refuse have
// to be complete enough to decide about them.
const (
	maxNotes   = 50
	maxRefused = 1000
)

// findings collects the findings of a check. It is safe for concurrent use.
type findings struct {
	mu     sync.Mutex
	list   []engine.Finding
	counts map[string]int // by code
	kept   []string       // findings that a person decided to publish nevertheless, as in a Memory
}

func (f *findings) add(finding engine.Finding, kept bool) {
	f.mu.Lock()
	defer f.mu.Unlock()
	if kept {
		f.kept = append(f.kept, memoryKey(finding))
	}
	f.counts[finding.Code]++
	f.list = append(f.list, finding)
}

var severity = map[engine.Choice]int{engine.ChoiceRefuse: 0, engine.ChoiceLeaveOut: 1, engine.ChoiceNote: 2}

// sorted returns the findings, most severe first and each kind by path. Of a kind with very many, it returns the first
// ones and their number.
func (f *findings) sorted() []engine.Finding {
	slices.SortFunc(f.list, func(a, b engine.Finding) int {
		return cmp.Or(cmp.Compare(severity[a.Choice], severity[b.Choice]), cmp.Compare(a.Code, b.Code),
			cmp.Compare(a.Path, b.Path))
	})
	type kind struct {
		code   string
		choice engine.Choice
	}
	shown := []engine.Finding{}
	counts := map[kind]int{}
	for _, finding := range f.list {
		k := kind{finding.Code, finding.Choice}
		counts[k]++
		most := maxNotes
		if finding.Choice == engine.ChoiceRefuse {
			most = maxRefused
		}
		if counts[k] <= most {
			shown = append(shown, finding)
		}
	}
	for k, n := range counts {
		most := maxNotes
		if k.choice == engine.ChoiceRefuse {
			most = maxRefused
		}
		if n > most {
			shown = append(shown, engine.Finding{
				Code: k.code, Choice: k.choice, Why: fmt.Sprintf("and %d more of this kind", n-most),
			})
		}
	}
	slices.SortStableFunc(shown, func(a, b engine.Finding) int {
		return cmp.Or(cmp.Compare(severity[a.Choice], severity[b.Choice]), cmp.Compare(a.Code, b.Code))
	})
	return shown
}
