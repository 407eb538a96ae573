package main

import (
	"cmp"
	"errors"
	"fmt"
	"log/slog"
	"math"
	"net"
	"net/netip"
	"net/url"
	"slices"
	"strconv"
	"strings"
	"time"

	"wtptui/engine/swarm"
)

// The types of settings are pflag.Values: the same parsers read flags, environment and config.toml. Each error says
// what is valid.

type textValue struct {
	to    *string
	check func(string) error
}

func (v textValue) String() string { return valueOrZero(v.to) }
func (v textValue) Type() string   { return "string" }

func (v textValue) Set(s string) error {
	if err := v.check(s); err != nil {
		return err
	}
	*v.to = s
	return nil
}

type boolValue struct{ to *bool }

func (v boolValue) String() string   { return strconv.FormatBool(valueOrZero(v.to)) }
func (v boolValue) Type() string     { return "bool" }
func (v boolValue) IsBoolFlag() bool { return true }

func (v boolValue) Set(s string) error {
	b, err := strconv.ParseBool(s)
	if err != nil {
		return fmt.Errorf("%q is neither true nor false", s)
	}
	*v.to = b
	return nil
}

type portValue struct{ to *int }

func (v portValue) String() string { return strconv.Itoa(valueOrZero(v.to)) }
func (v portValue) Type() string   { return "port" }

func (v portValue) Set(s string) error {
	n, err := strconv.ParseUint(s, 10, 16)
	if err != nil {
		return fmt.Errorf("%q is not a port: give a number from 0 to 65535", s)
	}
	*v.to = int(n)
	return nil
}

// countValue is a number from min to max.
type countValue struct {
	to       *int
	min, max int
}

func (v countValue) String() string { return strconv.Itoa(valueOrZero(v.to)) }
func (v countValue) Type() string   { return "number" }

func (v countValue) Set(s string) error {
	n, err := strconv.Atoi(s)
	if err != nil || n < v.min || n > v.max {
		return fmt.Errorf("%q is not a number from %d to %d", s, v.min, v.max)
	}
	*v.to = n
	return nil
}

type durationValue struct {
	to      *time.Duration
	atLeast time.Duration
}

func (v durationValue) String() string { return shortDuration(valueOrZero(v.to)) }
func (v durationValue) Type() string   { return "duration" }

func (v durationValue) Set(s string) error {
	d, err := time.ParseDuration(s)
	if err != nil {
		return fmt.Errorf("%q is not a length of time: give one like 90s, 30m or 2h", s)
	}
	if d < v.atLeast {
		return fmt.Errorf("%s is too short: give at least %s", s, v.atLeast)
	}
	*v.to = d
	return nil
}

// periodValue is the interval at which something is done; 0 means never.
type periodValue struct {
	to      *time.Duration
	atLeast time.Duration
}

func (v periodValue) String() string { return shortDuration(valueOrZero(v.to)) }
func (v periodValue) Type() string   { return "duration" }

func (v periodValue) Set(s string) error {
	d, err := time.ParseDuration(s)
	if err == nil && d == 0 {
		*v.to = 0
		return nil
	}
	if err := durationValue(v).Set(s); err != nil {
		return fmt.Errorf("%w, or 0 for never", err)
	}
	return nil
}

// shortDuration formats a duration without the zeros at the end of Duration.String: 30m, not 30m0s.
func shortDuration(d time.Duration) string {
	s := d.String()
	if strings.HasSuffix(s, "m0s") {
		s = strings.TrimSuffix(s, "0s")
	}
	if strings.HasSuffix(s, "h0m") {
		s = strings.TrimSuffix(s, "0m")
	}
	return s
}

// sizeValue is a number of bytes. onUnitless, which may be nil, gets the number if it was given without a unit, and an
// empty text otherwise.
type sizeValue struct {
	to         *int64
	onUnitless func(number string)
}

func (v sizeValue) String() string { return formatSize(valueOrZero(v.to)) }
func (v sizeValue) Type() string   { return "size" }

func (v sizeValue) Set(s string) error {
	n, err := parseSize(s)
	if err != nil {
		return err
	}
	*v.to = n
	if v.onUnitless != nil {
		if n == 0 || strings.Trim(s, "0123456789.") != "" {
			s = ""
		}
		v.onUnitless(s)
	}
	return nil
}

// rateValue is a number of bytes per second; 0 and "none" mean unlimited.
type rateValue sizeValue

func (v rateValue) String() string {
	if valueOrZero(v.to) == 0 {
		return "none"
	}
	return formatSize(*v.to)
}
func (v rateValue) Type() string { return "rate" }

func (v rateValue) Set(s string) error {
	if s == "none" {
		s = "0"
	}
	return sizeValue(v).Set(strings.TrimSuffix(s, "/s"))
}

// listValue is a repeatable flag. Its first value replaces the default, and "none" alone empties the list.
type listValue struct {
	to     *[]string
	check  func(string) error
	kind   string // the type of a value in the help; empty means url
	filled bool
}

func (v *listValue) String() string {
	if v.to == nil {
		return ""
	}
	return strings.Join(*v.to, ",")
}
func (v *listValue) Type() string { return cmp.Or(v.kind, "url") }

func (v *listValue) Set(s string) error {
	var values []string
	if v.filled {
		values = append(values, *v.to...)
		if len(values) == 0 || s == "none" {
			return errors.New("\"none\" cannot be combined with other values")
		}
	}
	return v.replace(append(values, s))
}

func (v *listValue) replace(values []string) error {
	if slices.Equal(values, []string{"none"}) {
		values = nil
	}
	for _, s := range values {
		if err := v.check(s); err != nil {
			return err
		}
	}
	*v.to, v.filled = values, true
	return nil
}

// parseSize parses a number of bytes: 1048576, 5GiB, 500MB, 1.5G. K, M, G and T alone are powers of 1024, as with KiB;
// KB, MB, GB and TB are powers of 1000.
func parseSize(s string) (int64, error) {
	end := len(s) - len(strings.TrimLeft(s, "0123456789."))
	n, err := strconv.ParseFloat(s[:end], 64)
	unit, known := map[string]float64{
		"": 1, "b": 1, "k": 1 << 10, "kib": 1 << 10, "kb": 1e3, "m": 1 << 20, "mib": 1 << 20, "mb": 1e6,
		"g": 1 << 30, "gib": 1 << 30, "gb": 1e9, "t": 1 << 40, "tib": 1 << 40, "tb": 1e12,
	}[strings.ToLower(strings.TrimSpace(s[end:]))]
	if err != nil || !known {
		return 0, fmt.Errorf("%q is not a size: give one like 500M, 2GiB or 0", s)
	}
	if n*unit >= math.MaxInt64 {
		return 0, fmt.Errorf("%s is too large", s)
	}
	return int64(n * unit), nil
}

// formatSize returns the shortest text that parseSize parses to the same number.
func formatSize(n int64) string {
	units := []string{"", "KiB", "MiB", "GiB", "TiB"}
	u := 0
	for n != 0 && n%1024 == 0 && u < len(units)-1 {
		n /= 1024
		u++
	}
	return strconv.FormatInt(n, 10) + units[u]
}

func checkPath(s string) error {
	if s == "" {
		return errors.New("the name of the folder is missing")
	}
	return nil
}

func checkListen(s string) error {
	_, port, err := net.SplitHostPort(s)
	if err == nil {
		_, err = strconv.ParseUint(port, 10, 16)
	}
	if err != nil {
		return fmt.Errorf("%q is not an address: give one like 127.0.0.1:7780", s)
	}
	return nil
}

// checkMetricsListen accepts what checkListen accepts, and an empty text.
func checkMetricsListen(s string) error {
	if s == "" {
		return nil
	}
	if checkListen(s) != nil {
		return fmt.Errorf("%q is not an address: give one like 127.0.0.1:9780, or nothing", s)
	}
	return nil
}

func checkIP(s string) error {
	if _, err := netip.ParseAddr(s); err != nil && s != "" {
		return fmt.Errorf("%q is not an IP address: give one of this machine's, like 192.0.2.7", s)
	}
	return nil
}

func checkDHTNode(s string) error {
	host, port, err := net.SplitHostPort(s)
	if n, portErr := strconv.ParseUint(port, 10, 16); err != nil || host == "" || portErr != nil || n == 0 {
		return fmt.Errorf("%q is not a node of the DHT: give its host and port, like router.bittorrent.com:6881", s)
	}
	return nil
}

func checkTracker(s string) error {
	u, err := url.Parse(s)
	if err != nil || u.Host == "" || !slices.Contains([]string{"http", "https", "udp", "ws", "wss"}, u.Scheme) {
		return fmt.Errorf("%q is not a tracker: give a URL like udp://tracker.opentrackr.org:1337/announce, or none", s)
	}
	return nil
}

func checkDoH(s string) error {
	u, err := url.Parse(s)
	if err == nil && u.Host != "" && (u.Scheme == "https" || u.Scheme == "http" && isLoopback(u.Hostname())) {
		return nil
	}
	return fmt.Errorf("%q is not a DNS over HTTPS server: "+
		"give a URL like https://dns.quad9.net/dns-query (http only on this machine)", s)
}

func checkRelay(s string) error {
	if checkDoH(s) == nil {
		return nil
	}
	return fmt.Errorf("%q is not a pkarr relay: give a URL like https://relay.pkarr.org (http only on this machine)", s)
}

func isLoopback(host string) bool {
	ip, err := netip.ParseAddr(host)
	return host == "localhost" || err == nil && ip.IsLoopback()
}

func checkLevel(s string) error {
	var level slog.Level
	if err := level.UnmarshalText([]byte(s)); err != nil || strings.ContainsAny(s, "+-") {
		return fmt.Errorf("%q is not a log level: give debug, info, warn or error", s)
	}
	return nil
}

// The forms of a log.
const (
	logText = "text"
	logJSON = "json"
)

func checkFormat(s string) error {
	if s != logText && s != logJSON {
		return fmt.Errorf("%q is not a form of a log: give text or json", s)
	}
	return nil
}

func checkEncryption(s string) error {
	if _, ok := swarm.Encryptions[s]; !ok {
		return fmt.Errorf("%q is not an encryption policy: give tolerate, prefer or require", s)
	}
	return nil
}

// valueOrZero returns the zero value for nil: pflag calls String on zero values of these types.
func valueOrZero[T any](p *T) T {
	if p == nil {
		var zero T
		return zero
	}
	return *p
}
