package publish

import (
	"sync"
	"time"

	"wtptui/engine"
)

// reportEvery is the minimum time between two reports.
const reportEvery = 100 * time.Millisecond

// Meter counts progress and reports it, at most ten times a second and from one goroutine at a time. A nil Meter does
// nothing.
type Meter struct {
	report func(engine.PublishProgress)

	mu   sync.Mutex
	now  engine.PublishProgress
	last time.Time
}

// NewMeter returns a meter that calls report; nil if report is nil.
func NewMeter(report func(engine.PublishProgress)) *Meter {
	if report == nil {
		return nil
	}
	return &Meter{report: report}
}

// Begin starts a stage of a number of files and bytes.
func (m *Meter) Begin(stage engine.PublishStage, files int, bytes int64) {
	m.update(func(p *engine.PublishProgress) {
		*p = engine.PublishProgress{Stage: stage, AllFiles: files, AllBytes: bytes}
	})
}

// Found reports the findings of the check, at once.
func (m *Meter) Found(findings []engine.Finding) {
	if m == nil {
		return
	}
	m.mu.Lock()
	defer m.mu.Unlock()
	now := m.now
	now.Findings = findings
	m.last = time.Now()
	m.report(now)
}

// Done adds files and bytes that are done.
func (m *Meter) Done(files int, bytes int64) {
	m.update(func(p *engine.PublishProgress) { p.Files += files; p.Bytes += bytes })
}

// addTotal adds files and bytes to the total of the stage.
func (m *Meter) addTotal(files int, bytes int64) {
	m.update(func(p *engine.PublishProgress) { p.AllFiles += files; p.AllBytes += bytes })
}

func (m *Meter) update(f func(*engine.PublishProgress)) {
	if m == nil {
		return
	}
	m.mu.Lock()
	defer m.mu.Unlock()
	f(&m.now)
	if now := time.Now(); now.Sub(m.last) >= reportEvery {
		m.last = now
		m.report(m.now)
	}
}
