package resolve

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net/http"
	"strconv"
	"strings"
	"time"

	"wtptui/engine"
)

// maxWellKnown is the maximum size of a .well-known file, in bytes.
const maxWellKnown = 4 << 10

func wellKnownURL(host string) string { return "https://" + host + "/.well-known/wtp" }

// queryWellKnown fetches the file from the name's own web server. If that fails, the reason is added to before.Queried,
// and is not an error: hardly any name has the file.
func (r *Resolver) queryWellKnown(ctx context.Context, host string, before *Answer) (Answer, bool) {
	began := time.Now()
	server := wellKnownURL(host)
	infohash, ttl, err := r.fetchWellKnown(ctx, server)
	asked := engine.Asked{URL: server, Took: int64(time.Since(began)), Infohash: infohash}
	if err != nil {
		asked.Error = engine.Clean(err.Error())
		before.Queried = append(before.Queried, asked)
		return Answer{}, false
	}
	ttl = r.clampTTL(ttl)
	return Answer{
		Host: host, Infohash: infohash, Source: server, At: r.now(), TTL: ttl, Lifetime: ttl,
		Queried: append(before.Queried, asked),
	}, true
}

func (r *Resolver) fetchWellKnown(ctx context.Context, server string) (infohash string, ttl time.Duration, err error) {
	ctx, cancel := context.WithTimeout(ctx, r.client.timeout)
	defer cancel()
	req, err := http.NewRequestWithContext(ctx, http.MethodGet, server, nil)
	if err != nil {
		return "", 0, err
	}
	resp, err := r.wellKnown.Do(req)
	if err != nil {
		if errors.Is(err, context.DeadlineExceeded) {
			return "", 0, fmt.Errorf("no answer in %v", r.client.timeout)
		}
		return "", 0, describeRequestError(err)
	}
	defer func() { _ = resp.Body.Close() }() // The body was read to its end, or is dropped.
	if resp.StatusCode != http.StatusOK {
		return "", 0, wellKnownStatus(resp.StatusCode)
	}
	body, err := io.ReadAll(io.LimitReader(resp.Body, maxWellKnown+1))
	if err != nil {
		return "", 0, describeRequestError(err)
	}
	return parseWellKnown(body)
}

func wellKnownStatus(code int) error {
	switch {
	case code == http.StatusNotFound, code == http.StatusGone:
		return fmt.Errorf("there is no such file (HTTP %d)", code)
	case code >= 300 && code < 400:
		return fmt.Errorf("it leads elsewhere, which is not followed (HTTP %d)", code)
	}
	return fmt.Errorf("the web server does not give the file (HTTP %d)", code)
}

// parseWellKnown parses a .well-known file: wtp:// and an infohash in the first line, and optionally TTL= and seconds
// in the second. Lines end with LF or CRLF; blanks around them and a byte order mark are ignored, and so are all
// further lines.
func parseWellKnown(body []byte) (infohash string, ttl time.Duration, err error) {
	if len(body) > maxWellKnown {
		return "", 0, errors.New("its first line is not wtp:// and 40 hex digits: it is longer than 4 KiB")
	}
	const scheme = "wtp://"
	first, rest, _ := strings.Cut(trim(string(body)), "\n")
	first = trim(first)
	value, ok := cutFold(first, scheme)
	value = strings.ToLower(strings.TrimSuffix(value, "/"))
	if !ok || !engine.IsInfohash(value) {
		why := "it is empty"
		switch {
		case ok:
			why = valueFault(value)
		case first != "":
			why = prefixFault(first, scheme)
		}
		return "", 0, fmt.Errorf(
			`its first line is not wtp:// and 40 hex digits: %s, in "%s"`, why, truncate(makeVisible(first), 2*maxShown),
		)
	}
	second, _, _ := strings.Cut(rest, "\n")
	return value, parseTTL(trim(second)), nil
}

func parseTTL(line string) time.Duration {
	digits, ok := cutFold(line, "ttl=")
	n, err := strconv.ParseUint(trim(digits), 10, 31)
	if !ok || err != nil {
		return defaultTTL
	}
	return time.Duration(n) * time.Second
}

// cutFold is strings.CutPrefix, ignoring the case of ASCII letters.
func cutFold(s, prefix string) (string, bool) {
	if len(s) < len(prefix) || !strings.EqualFold(s[:len(prefix)], prefix) {
		return "", false
	}
	return s[len(prefix):], true
}
