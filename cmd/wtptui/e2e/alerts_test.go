package e2e_test

import (
	"fmt"
	"maps"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"

	"wtptui/cmd/wtptui/e2e/peers"
)

// alertRules are the rules that are shipped.
const alertRules = "../packaging/alerts.yml"

// series holds the values of metrics over time, in promtool's notation, by name and labels.
type series map[string]string

// constantSamples returns samples of a constant value, one every five minutes for five days.
func constantSamples(v string) string { return v + "+0x1440" }

// healthySeries returns the metrics of an engine without problems.
func healthySeries() series {
	s := series{}
	for name, value := range map[string]string{
		`up`: "1", `wtptui_build_info{version="1"}`: "1", `wtptui_responsive`: "1", `wtptui_start_time_seconds`: "1000",
		`wtptui_online`: "1", `wtptui_warnings`: "0", `wtptui_disk_free_bytes`: "5e10", `wtptui_disk_needed_bytes`: "1e9",
		`wtptui_queue_length{queue="look_ups"}`: "0", `wtptui_queue_length{queue="torrents"}`: "3",
		`wtptui_site_copies{by="mine",copies="0"}`: "0", `wtptui_site_copies{by="pinned",copies="0"}`: "0",
		`wtptui_site_copies{by="cached",copies="0"}`: "2", `wtptui_site_copies{by="pinned",copies="5+"}`: "9",
		`wtptui_names{state="good"}`: "4", `wtptui_names{state="failing"}`: "0", `wtptui_names{state="disagreeing"}`: "0",
		`wtptui_records{state="kept"}`: "1", `wtptui_records{state="not_kept"}`: "0", `wtptui_record_errors`: "0",
		`wtptui_scrub_damaged_pieces_total`: "7", `wtptui_scrub_period_seconds`: "2592000",
		`wtptui_scrub_oldest_check_timestamp_seconds`: "0", `wtptui_web_trackers_connected`: "1",
		`wtptui_tracker_up{tracker="wss://tracker.example"}`: "1", `wtptui_tracker_up{tracker="udp://tracker.example"}`: "1",
		`wtptui_resolver_up{resolver="https://one.example"}`: "1", `wtptui_resolver_up{resolver="https://two.example"}`: "1",
		`process_open_fds`: "100", `process_max_fds`: "1024", `process_resident_memory_bytes`: "6e8",
	} {
		s[name] = constantSamples(value)
	}
	return s
}

// addTargetLabels adds the labels of a target to the name of a series.
func addTargetLabels(name, job, instance string) string {
	name, more, _ := strings.Cut(strings.TrimSuffix(name, "}"), "{")
	if more != "" {
		more = "," + more
	}
	return fmt.Sprintf("%s{job=%q,instance=%q%s}", name, job, instance, more)
}

// alertCase is the state of a faulty engine, which is monitored beside a healthy one.
type alertCase struct {
	name string
	// differs is what differs from a healthy engine; what is empty is not there.
	differs series
	// at is when it is looked at: 8h if it is empty.
	at string
	// fires is the one alert that fires then, for the sick engine; empty for none.
	fires string
}

// alertCases returns at least one case for each alert, and cases that are close to one and must not fire it.
func alertCases() []alertCase {
	gone := series{"up": "1+0x11 0+0x900"}
	for name := range healthySeries() {
		if name != "up" {
			gone[name] = "1+0x11 stale"
		}
	}
	const both = 2 // trackers, and resolvers
	failing := func(metric string, n int) series {
		s := series{}
		for _, name := range slices.Sorted(maps.Keys(healthySeries())) {
			if strings.HasPrefix(name, metric) && len(s) < n {
				s[name] = constantSamples("0")
			}
		}
		return s
	}
	one := func(metric, values string) series { return series{metric: values} }
	return []alertCase{
		{name: "healthy", at: "50h"},
		{name: "it is down", differs: gone, fires: "WtptuiDown"},
		{name: "it starts again", differs: series{"up": "1+0x11 0 1+0x900"}, at: "65m"},
		{name: "it is stuck", differs: one("wtptui_responsive", constantSamples("0")), fires: "WtptuiStuck"},
		{name: "it starts again and again", differs: one("wtptui_start_time_seconds", "0+300x900"), fires: "WtptuiRestarts"},
		{name: "it was started once", differs: one("wtptui_start_time_seconds", "0+0x90 5+0x900")},
		{
			name: "few descriptors", differs: one("process_open_fds", constantSamples("1000")),
			fires: "WtptuiFewDescriptorsLeft",
		},
		{
			name: "memory", differs: one("process_resident_memory_bytes", "6e8+2e6x1440"), at: "100h",
			fires: "WtptuiMemoryGrows",
		},
		{name: "much memory, as ever", differs: one("process_resident_memory_bytes", constantSamples("8e9")), at: "100h"},
		{
			name: "queue", differs: one(`wtptui_queue_length{queue="torrents"}`, constantSamples("90")),
			fires: "WtptuiQueueStands",
		},
		{
			name:    "queue at times",
			differs: one(`wtptui_queue_length{queue="torrents"}`, "90 0 90 90 0 90"+strings.Repeat(" 90 0", 90)),
		},
		{name: "no disk", differs: one("wtptui_disk_free_bytes", constantSamples("9e8")), fires: "WtptuiDownloadsPaused"},
		{name: "little disk", differs: one("wtptui_disk_free_bytes", constantSamples("2e9")), fires: "WtptuiDiskFillsUp"},
		{name: "less and less disk", differs: one("wtptui_disk_free_bytes", "5e10-2e8x200"), fires: "WtptuiDiskFillsUp"},
		{name: "a file was written", differs: one("wtptui_disk_free_bytes", "5e10+0x90 48e9+0x900")},
		{name: "damage", differs: one("wtptui_scrub_damaged_pieces_total", "0+0x60 1+0x900"), fires: "WtptuiDamagedPieces"},
		{name: "damage of long ago", differs: one("wtptui_scrub_damaged_pieces_total", "0+0x60 1+0x900"), at: "50h"},
		{
			name: "scrub", differs: one("wtptui_scrub_period_seconds", constantSamples("36000")), at: "50h",
			fires: "WtptuiScrubBehind",
		},
		{name: "no scrub", differs: one("wtptui_scrub_period_seconds", constantSamples("0")), at: "50h"},
		{
			name: "last copy", differs: one(`wtptui_site_copies{by="pinned",copies="0"}`, constantSamples("1")),
			fires: "WtptuiLastCopy",
		},
		{name: "last copy for an hour", differs: one(`wtptui_site_copies{by="pinned",copies="0"}`, "0+0x80 1+0x12 0+0x900")},
		{name: "names fail", differs: one(`wtptui_names{state="failing"}`, constantSamples("1")), fires: "WtptuiNamesFail"},
		{
			name: "names disagree", differs: one(`wtptui_names{state="disagreeing"}`, constantSamples("1")),
			at: "30h", fires: "WtptuiNamesDisagree",
		},
		{name: "just published", differs: one(`wtptui_names{state="disagreeing"}`, constantSamples("1"))},
		{
			name: "records", differs: one(`wtptui_records{state="not_kept"}`, constantSamples("2")),
			fires: "WtptuiRecordsNotKept",
		},
		{name: "record errors", differs: one("wtptui_record_errors", constantSamples("1")), fires: "WtptuiRecordErrors"},
		{name: "no tracker", differs: failing("wtptui_tracker_up", both), fires: "WtptuiTrackersFail"},
		{name: "one tracker fails", differs: failing("wtptui_tracker_up", 1)},
		{
			name: "no browsers", differs: one("wtptui_web_trackers_connected", constantSamples("0")),
			fires: "WtptuiUnseenByBrowsers",
		},
		{name: "no browsers are wanted", differs: series{
			"wtptui_web_trackers_connected": constantSamples("0"), `wtptui_tracker_up{tracker="wss://tracker.example"}`: "",
		}},
		{name: "one resolver fails", differs: failing("wtptui_resolver_up", 1)},
		{name: "no resolver, hence no name", differs: mergeSeries(
			failing("wtptui_resolver_up", both), one(`wtptui_names{state="failing"}`, constantSamples("1")),
		), fires: "WtptuiResolversFail"},
		{name: "offline, hence no tracker", differs: mergeSeries(
			failing("wtptui_tracker_up", both), one("wtptui_online", constantSamples("0")),
			one("wtptui_web_trackers_connected", constantSamples("0")),
		), fires: "WtptuiOffline"},
		{name: "warnings", differs: one("wtptui_warnings", constantSamples("1")), fires: "WtptuiWarns"},
	}
}

func mergeSeries(all ...series) series {
	m := series{}
	for _, s := range all {
		maps.Copy(m, s)
	}
	return m
}

// writePromtoolTest adds the case to a file of promtool's tests. All rules are tried with it.
func (c alertCase) writePromtoolTest(b *strings.Builder, severity map[string]string) {
	at := c.at
	if at == "" {
		at = "8h"
	}
	fmt.Fprintf(b, "  - name: %q\n    interval: 5m\n    input_series:\n", c.name)
	put := func(all series, instance string) {
		for _, name := range slices.Sorted(maps.Keys(all)) {
			if all[name] != "" {
				fmt.Fprintf(b, "      - series: '%s'\n        values: '%s'\n", addTargetLabels(name, "any", instance), all[name])
			}
		}
	}
	put(healthySeries(), "well")
	put(mergeSeries(healthySeries(), c.differs), "sick")
	// Another program is nobody's business here.
	put(series{
		"up": constantSamples("0"), "process_open_fds": constantSamples("99"),
		"process_max_fds": constantSamples("100"),
	}, "other")
	fmt.Fprintf(b, "    promql_expr_test:\n      - expr: %s\n        eval_time: %s\n        exp_samples:\n",
		firingAlertsQuery, at)
	if c.fires != "" {
		fmt.Fprintf(b, "          - labels: '{alertname=%q,severity=%q,instance=\"sick\"}'\n            value: 1\n",
			c.fires, severity[c.fires])
	}
}

// firingAlertsQuery counts the alerts that fire, without the labels that only some of them have.
const firingAlertsQuery = `'count by (alertname, severity, instance) (ALERTS{alertstate="firing"})'`

// promtool fires each alert that is shipped, and none while all is well.
func TestEachAlertFiresOnlyWhenItShould(t *testing.T) {
	t.Parallel()
	peers.Require(t, peers.PrometheusTool)
	runPromtool(t, "", "check", "rules", alertRules)
	data, err := os.ReadFile(alertRules)
	if err != nil {
		t.Fatal(err)
	}
	severity := map[string]string{}
	rule := regexp.MustCompile(`(?s)- alert: (\w+)\n.*?severity: (\w+)\n`)
	for _, m := range rule.FindAllStringSubmatch(string(data), -1) {
		severity[m[1]] = m[2]
	}
	path, err := filepath.Abs(alertRules)
	if err != nil {
		t.Fatal(err)
	}
	var file strings.Builder
	fmt.Fprintf(&file, "rule_files: [%q]\nevaluation_interval: 5m\ntests:\n", path)
	fired := map[string]bool{"WtptuiMissing": true}
	for _, c := range alertCases() {
		c.writePromtoolTest(&file, severity)
		fired[c.fires] = true
	}
	fmt.Fprintf(&file, "  - name: there is none\n    interval: 5m\n    promql_expr_test:\n      - expr: %s\n"+
		"        eval_time: 1h\n        exp_samples:\n"+
		"          - labels: '{alertname=\"WtptuiMissing\",severity=\"warning\"}'\n            value: 1\n", firingAlertsQuery)
	for alert := range severity {
		if !fired[alert] {
			t.Errorf("nothing fires %s", alert)
		}
	}
	tests := filepath.Join(t.TempDir(), "alerts_test.yml")
	if err := os.WriteFile(tests, []byte(file.String()), 0o600); err != nil {
		t.Fatal(err)
	}
	runPromtool(t, "", "test", "rules", tests)
}

// runPromtool runs promtool with an input and fails the test if it reports an error.
func runPromtool(t *testing.T, input string, args ...string) {
	t.Helper()
	cmd := exec.CommandContext(t.Context(), "promtool", args...)
	cmd.Stdin = strings.NewReader(input)
	if out, err := cmd.CombinedOutput(); err != nil {
		t.Errorf("promtool %q: %v\n%s", args, err, out)
	}
}
