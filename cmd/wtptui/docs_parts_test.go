package main

import (
	"context"
	"encoding/json"
	"fmt"
	"io"
	"maps"
	"net"
	"net/http"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/spf13/cobra"
	"github.com/spf13/pflag"

	"wtptui/cmd/wtptui/metrics"
	"wtptui/engine"
	"wtptui/engine/watch"
)

// describeVerbs returns a section for each verb, grouped as in the help.
func describeVerbs(root *cobra.Command) string {
	var b strings.Builder
	for _, group := range root.Groups() {
		fmt.Fprintf(&b, "\n## %s\n", groupTitles[group.ID])
		for _, cmd := range root.Commands() {
			if cmd.GroupID != group.ID {
				continue
			}
			if !cmd.HasSubCommands() {
				describeVerb(&b, cmd, root)
				continue
			}
			for _, sub := range cmd.Commands() {
				describeVerb(&b, sub, root)
			}
		}
	}
	return strings.TrimPrefix(b.String(), "\n") + "\n"
}

var groupTitles = map[string]string{groupRun: "Verbs for the program", groupSites: "Verbs for sites"}

// describeVerb writes the section of one verb. It omits the flags that are settings, which have a page of their own.
func describeVerb(b *strings.Builder, cmd, root *cobra.Command) {
	fmt.Fprintf(b, "\n### %s\n\n```text\n%s\n```\n", cmd.CommandPath(), usageOf(cmd))
	written, err := os.ReadFile(filepath.Join(docsDir, "verbs", strings.ReplaceAll(verbPath(cmd), " ", "-")+".md"))
	if err != nil {
		written = []byte(cmd.Short + ".\n") // TestVerbTexts reports that the text is missing.
	}
	text, examples, _ := strings.Cut(string(written), "\n## Examples\n\n")
	b.WriteString("\n" + text)
	var flags strings.Builder
	cmd.Flags().VisitAll(func(f *pflag.Flag) {
		if setting := root.Flags().Lookup(f.Name); setting == nil || setting.Value.Type() != f.Value.Type() {
			name := "--" + f.Name
			if value := valueName(f); value != "" {
				name += " " + value
			}
			flags.WriteString(fold("- ", "`"+name+"`: "+escapeMarkdown(f.Usage)))
		}
	})
	if flags.Len() > 0 {
		fmt.Fprintf(b, "\n%s", flags.String())
	}
	if examples != "" {
		b.WriteString("\n" + examples)
	}
}

// usageOf returns the usage line of a verb.
func usageOf(cmd *cobra.Command) string { return strings.TrimSuffix(cmd.UseLine(), " [flags]") }

// settingGroups are the settings in the order of the documentation.
var settingGroups = []struct {
	title string
	names []string
}{
	{"Pages and the browser", []string{"listen", "listen-public"}},
	{"What is kept", []string{
		"cache-ttl", "cache-size", "max-site-size", "bin", "keep-for", "keep-versions", "scrub", "enough", "seed-ratio",
		"seed-time",
	}},
	{"Peers", []string{
		"peer-port", "peer-host", "up-limit", "down-limit", "max-connections", "max-connections-per-site", "encryption",
		"no-upnp", "no-lsd", "no-dht", "dht-node", "stun",
	}},
	{"Trackers", []string{"tracker", "tracker-min-interval"}},
	{"Names and keys", []string{"doh", "dns-min-ttl", "relay"}},
	{"Homes", []string{
		"home", "home-listen", "home-listen-http", "home-listen-udp", "home-plain", "home-acme", "home-acme-email",
		"home-cert", "home-key", "home-loader", "home-ask", "home-tracker", "home-up-limit", "home-log", "home-contact",
	}},
	{"Logs, metrics and the screen", []string{"log-level", "log-format", "metrics-listen", "machine-color"}},
}

// listSettings returns all settings with their defaults in TOML.
func listSettings(t *testing.T, s *settings) string {
	t.Helper()
	left := map[string]option{}
	for _, o := range s.options() {
		left[o.name] = o
	}
	var b strings.Builder
	for _, group := range settingGroups {
		fmt.Fprintf(&b, "\n### %s\n\n", group.title)
		for _, name := range group.names {
			o, ok := left[name]
			if !ok {
				t.Errorf("%s is no setting, or stands in two groups", name)
				continue
			}
			delete(left, name)
			value, usage := tomlValue(o), escapeMarkdown(o.usage)
			if list, isList := o.value.(*listValue); isList && len(*list.to) > 0 {
				value, usage = "[…]", usage+"; the default ones are `"+strings.Join(*list.to, "`, `")+"`"
			}
			b.WriteString(fold("- ", "`"+name+" = "+value+"`: "+usage))
		}
	}
	if len(left) > 0 {
		t.Errorf("these settings are in none of settingGroups: %q", slices.Sorted(maps.Keys(left)))
	}
	return b.String()[1:]
}

// listTables returns the fields of the tables of config.toml.
func listTables() string {
	var b strings.Builder
	b.WriteString("- `[keys]`: the name of any action of the dashboard\n")
	b.WriteString(fold("- ", "`[hooks]`: `"+strings.Join(hookFields(), "`, `")+"`"))
	for _, table := range slices.Sorted(maps.Keys(tableFields)) {
		b.WriteString(fold("- ", "`["+table+".NAME]`: `"+strings.Join(tableFields[table], "`, `")+"`"))
	}
	return b.String()
}

// describeSchemas returns the fields that each verb prints with --json, taken from its schema.
func describeSchemas(t *testing.T) string {
	t.Helper()
	var b strings.Builder
	for _, o := range outputs() {
		text, err := schema(o.name())
		if err != nil {
			t.Fatal(err)
		}
		type document struct {
			ID         string `json:"$id"`
			Title      string
			Type       string
			Ref        string `json:"$ref"`
			Items      *document
			Properties map[string]json.RawMessage
			Defs       map[string]document `json:"$defs"`
			Required   []string
		}
		var d document
		if err := json.Unmarshal(text, &d); err != nil {
			t.Fatal(err)
		}
		object, what := d, "an object with "
		if d.Items != nil {
			object, what = *d.Items, "an array of objects with "
		}
		if name, ok := strings.CutPrefix(object.Ref, "#/$defs/"); ok {
			object = d.Defs[name]
		}
		names := slices.Sorted(maps.Keys(object.Properties))
		if len(names) == 0 {
			t.Errorf("the schema %s has no fields", o.name())
		}
		b.WriteString(fold("- ", "`"+o.name()+"` is "+what+"`"+strings.Join(names, "`, `")+"` (`"+d.Title+"`)."))
	}
	return b.String()
}

// describeMetrics returns the metrics of an engine that has everything that metrics are about.
func describeMetrics(t *testing.T) string {
	t.Helper()
	var hub watch.Hub
	defer hub.Close()
	at := engine.At(time.Now().Add(-time.Minute))
	hub.Publish(engine.Snapshot{
		Sites: []engine.Site{{
			Host: engine.PublicKey{1}.Host(), Pinned: true, Record: engine.Record{ReadAt: at, Nearest: 8, PutAt: at, Nodes: 8},
		}},
		Status: engine.Status{
			StartedAt: at, Scrub: engine.Scrub{Oldest: at},
			Homes:       []engine.Home{{Name: "home.example"}},
			HomeTracker: engine.HomeTracker{URLs: []string{"wss://home.example/announce"}},
			Trackers:    []engine.Tracker{{URL: "udp://tracker.example:1", Status: "working", Last: at}},
			Resolvers:   []engine.Resolver{{URL: "https://doh.example/", Last: at}},
		},
	})
	s := metrics.New(metrics.Config{
		Engine: &hub, Beats: func() uint64 { return 1 },
		Peers:       func() map[engine.Via]int { return nil },
		Transferred: func() (down, up int64) { return 0, 0 },
	})
	s.Observe(engine.Request{Status: http.StatusOK})
	page := scrapeMetrics(t, s)
	var b strings.Builder
	for _, family := range metricFamily.FindAllStringSubmatch(page, -1) {
		name, help, kind := family[1], family[2], family[3]
		labels := ""
		sample := regexp.MustCompile(`(?m)^` + name + `\w*\{([^}]+)\}`).FindStringSubmatch(page)
		if sample != nil && kind != "histogram" {
			names := metricLabel.FindAllStringSubmatch(sample[1], -1)
			for i, l := range names {
				names[i][0] = l[1]
				labels += ", " + l[1]
			}
			labels = "{" + labels[2:] + "}"
		}
		b.WriteString(fold("- ", "`"+name+labels+"` ("+kind+"): "+escapeMarkdown(help)))
	}
	// The dashboard for Grafana uses only metrics that exist.
	board, err := os.ReadFile("packaging/grafana.json")
	if err != nil {
		t.Fatal(err)
	}
	for _, name := range regexp.MustCompile(`\b(?:wtptui|process|go)_\w+`).FindAllString(string(board), -1) {
		if !strings.Contains(b.String(), "`"+strings.TrimSuffix(name, "_bucket")) {
			t.Errorf("%s is missing among the metrics", name)
		}
	}
	return b.String()
}

var (
	metricFamily = regexp.MustCompile(`(?m)^# HELP (\w+) (.*)\n# TYPE \w+ (\w+)$`)
	metricLabel  = regexp.MustCompile(`(\w+)="`)
)

// scrapeMetrics returns the page for Prometheus once it has a snapshot.
func scrapeMetrics(t *testing.T, s *metrics.Server) string {
	t.Helper()
	ln, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	done := make(chan error, 1)
	go func() { done <- s.Serve(ln) }()
	defer func() {
		if err := s.Close(context.Background()); err != nil {
			t.Error(err)
		}
		if err := <-done; err != nil {
			t.Error(err)
		}
		http.DefaultClient.CloseIdleConnections()
	}()
	ticker := time.NewTicker(time.Millisecond)
	defer ticker.Stop()
	for {
		res, err := http.Get("http://" + ln.Addr().String() + "/metrics")
		if err != nil {
			t.Fatal(err)
		}
		page, err := io.ReadAll(res.Body)
		res.Body.Close()
		if err != nil {
			t.Fatal(err)
		}
		if res.StatusCode == http.StatusOK {
			return string(page)
		}
		select {
		case <-ticker.C:
		case <-t.Context().Done():
			t.Fatalf("status %d: %s", res.StatusCode, page)
		}
	}
}

// describeAlerts returns the alert rules that are shipped with the program.
func describeAlerts(t *testing.T) string {
	t.Helper()
	data, err := os.ReadFile("packaging/alerts.yml")
	if err != nil {
		t.Fatal(err)
	}
	rules := strings.Split(string(data), "- alert: ")[1:]
	var b strings.Builder
	for _, rule := range rules {
		name, _, _ := strings.Cut(rule, "\n")
		severity, summary, do := alertField(rule, "severity"), alertField(rule, "summary"), alertField(rule, "description")
		if severity == "" || summary == "" || do == "" {
			t.Errorf("the alert %s lacks something", name)
		}
		b.WriteString(fold("- ", "`"+name+"` ("+severity+"): "+escapeMarkdown(summary+". "+do)))
	}
	return b.String()
}

var (
	alertLabel = regexp.MustCompile(`\{\{ \$labels\.(\w+) \}\}`)
	alertValue = regexp.MustCompile(`\{\{ \$value[^}]*\}\}B?`)
	alertText  = regexp.MustCompile(`(?m)^ +(\w+): (>-\n(?: {12}.*\n)+|.*\n)`)
)

// alertField returns a field of a rule, with N for its value and the names of its labels in capitals.
func alertField(rule, field string) string {
	for _, m := range alertText.FindAllStringSubmatch(rule, -1) {
		if m[1] == field {
			text := strings.Join(strings.Fields(strings.Trim(strings.TrimPrefix(m[2], ">-"), "\"\n")), " ")
			text = alertLabel.ReplaceAllStringFunc(text, func(label string) string {
				return strings.ToUpper(alertLabel.FindStringSubmatch(label)[1])
			})
			return alertValue.ReplaceAllString(text, "N")
		}
	}
	return ""
}

// escapeMarkdown escapes special characters outside of code.
func escapeMarkdown(s string) string {
	parts := strings.Split(s, "`")
	for i := 0; i < len(parts); i += 2 {
		parts[i] = strings.NewReplacer("*", `\*`, "<", `\<`, "[", `\[`, "]", `\]`, "#", `\#`).Replace(parts[i])
	}
	return strings.Join(parts, "`")
}

// fold breaks a paragraph, or a list item that begins with mark, into lines. It never breaks code.
func fold(mark, text string) string {
	const width, blank = 118, "\x00"
	parts := strings.Split(text, "`")
	for i := 1; i < len(parts); i += 2 {
		parts[i] = strings.ReplaceAll(parts[i], " ", blank)
	}
	var b strings.Builder
	b.WriteString(strings.TrimSuffix(mark, " "))
	column := b.Len()
	for word := range strings.FieldsSeq(strings.Join(parts, "`")) {
		n := len([]rune(word))
		switch {
		case column+1+n > width && column > 0:
			b.WriteString("\n" + strings.Repeat(" ", len(mark)))
			column = len(mark)
		case column > 0:
			b.WriteString(" ")
			column++
		}
		b.WriteString(word)
		column += n
	}
	return strings.ReplaceAll(b.String(), blank, " ") + "\n"
}
