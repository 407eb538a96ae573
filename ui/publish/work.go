package publish

import (
	"fmt"
	"time"

	"wtptui/engine"
	"wtptui/ui/format"
)

// viewWork shows how far the engine is, and how it is stopped.
func (p *Pane) viewWork(w int) []string {
	th, k := p.theme, p.work
	out := []string{"", "  " + th.Move.Render("◌ ") + p.doing(), ""}
	if part, ok := k.part(); ok {
		bar := max(min(w-4-6, 60), 4)
		out = append(out, "  "+th.Accent.Render(format.Gauge(part, bar))+" "+format.FitRight(format.Percent(part), 4))
		out = append(out, "  "+th.Dim.Render(k.numbers()), "")
	}
	stop := "esc stops it: everything is as it was before."
	if k.stopped {
		stop = "Stopping…"
	}
	return append(out, "  "+th.Dim.Render(stop))
}

func (p *Pane) doing() string {
	k := p.work
	switch k.now.Stage {
	case engine.PublishHash:
		return "Reading and hashing the files"
	case engine.PublishCopy:
		return "Taking the files in"
	case engine.PublishCheck:
	}
	return "Looking through the folder: " + format.Plural(k.now.AllFiles, "file") + ", " + format.Bytes(k.now.AllBytes)
}

// part is how much of the stage is done, from 0 to 1; false while it is not known how much there is.
func (k *work) part() (float64, bool) {
	n := k.now
	switch {
	case n.Stage == engine.PublishCheck:
		return 0, false
	case n.AllBytes > 0:
		return float64(n.Bytes) / float64(n.AllBytes), true
	case n.AllFiles > 0:
		return float64(n.Files) / float64(n.AllFiles), true
	}
	return 0, false
}

// numbers are what is done and what there is, and how fast it goes.
func (k *work) numbers() string {
	n := k.now
	text := fmt.Sprintf("%s of %s, %s of %s", format.Count(n.Files), format.Plural(n.AllFiles, "file"), format.Bytes(n.Bytes), format.Bytes(n.AllBytes))
	if k.begun.IsZero() || k.at.Sub(k.begun) < time.Second {
		return text
	}
	if rate := float64(n.Bytes) / k.at.Sub(k.begun).Seconds(); rate > 1 {
		text += ", " + format.Speed(int64(rate))
		if left := time.Duration(float64(n.AllBytes-n.Bytes) / rate * float64(time.Second)); left >= time.Second {
			text += ", about " + format.Span(left) + " to go"
		}
	}
	return text
}
