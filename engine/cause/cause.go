package cause

import (
	"context"
	"crypto/tls"
	"crypto/x509"
	"errors"
	"io"
	"net"
	"net/url"
	"os"
	"regexp"
	"slices"
	"strings"
	"sync"
	"syscall"
)

// Words returns in a few plain words why a request to a server has failed, without a full stop; "it" is the server. Where
// several attempts have failed each cause is named once. The text may hold what others wrote, and is not clean (see
// engine.Clean). It is empty for nil.
func Words(err error) string {
	var words []string
	for _, e := range attempts(err) {
		if w := one(e); w != "" && !slices.Contains(words, w) {
			words = append(words, w)
		}
	}
	if len(words) > 1 { // A machine without IPv6, say, has tried a way that was never there.
		words = slices.DeleteFunc(words, func(w string) bool { return w == noWay })
	}
	return strings.Join(words, "; ")
}

// noWay is what the system says of an address that it has no route to.
const noWay = "there is no network that leads there"

// noTime is what is said of a server that stays silent.
const noTime = "no answer in time"

// attempts returns the errors that were joined into one, of which there may be one only.
func attempts(err error) []error {
	for e := err; e != nil; e = errors.Unwrap(e) {
		joined, ok := e.(interface{ Unwrap() []error })
		if !ok {
			continue
		}
		var all []error
		for _, each := range joined.Unwrap() {
			all = append(all, attempts(each)...)
		}
		return all
	}
	if err == nil {
		return nil
	}
	return []error{err}
}

// one is Words for one attempt.
func one(err error) string {
	var name *net.DNSError
	var errno syscall.Errno
	var timeout net.Error
	switch {
	case errors.Is(err, context.Canceled):
		return "it was interrupted"
	case errors.As(err, &name):
		return lookup(name)
	case certificate(err) != "":
		return certificate(err)
	case errors.Is(err, context.DeadlineExceeded), errors.Is(err, os.ErrDeadlineExceeded):
		return noTime
	case errors.As(err, &errno):
		return system(errno)
	case errors.As(err, &timeout) && timeout.Timeout():
		return noTime
	case errors.Is(err, io.ErrUnexpectedEOF):
		return "it ends the connection in the middle of an answer"
	case errors.Is(err, io.EOF), strings.HasSuffix(err.Error(), idleClosed):
		return "it ends the connection without an answer"
	}
	return protocol(err)
}

// idleClosed is what net/http says, by an error that it does not export, if the server was faster with its end than the
// request was with its beginning.
const idleClosed = "http: server closed idle connection"

// NoNetwork reports whether a request failed since this machine has no network that leads anywhere near the server: none
// of its attempts left the machine.
func NoNetwork(err error) bool {
	all := attempts(err)
	return len(all) > 0 && !slices.ContainsFunc(all, func(e error) bool {
		var name *net.DNSError
		if errors.As(e, &name) {
			return !strings.Contains(name.Err, "unreachable")
		}
		return !errors.Is(e, syscall.ENETUNREACH) && !errors.Is(e, syscall.ENETDOWN)
	})
}

// lookup says why a name has no address.
func lookup(e *net.DNSError) string {
	name := strings.TrimSuffix(e.Name, ".")
	switch {
	case e.IsNotFound:
		return "DNS does not know " + name
	case e.IsTimeout:
		return "DNS does not answer for " + name
	case strings.Contains(e.Err, "unreachable"):
		return name + " cannot be looked up: there is no network"
	case strings.Contains(e.Err, "connection refused"):
		return name + " cannot be looked up: this machine's DNS does not work"
	}
	return "DNS has no answer for " + name
}

// system says what the system reports of a connection.
func system(errno syscall.Errno) string {
	switch errno {
	case syscall.ECONNREFUSED:
		return "it refuses the connection"
	case syscall.ECONNRESET, syscall.EPIPE, syscall.ECONNABORTED:
		return "it breaks the connection off"
	case syscall.ETIMEDOUT:
		return noTime
	case syscall.ENETUNREACH, syscall.ENETDOWN, syscall.EAFNOSUPPORT, syscall.EADDRNOTAVAIL:
		return noWay
	case syscall.EHOSTUNREACH:
		return "it cannot be reached from this network"
	case syscall.EACCES, syscall.EPERM:
		return "this machine lets nothing through to it, as a firewall does"
	case syscall.EMFILE, syscall.ENFILE:
		return "this machine has too many files open"
	}
	return errno.Error()
}

// certificate says what is wrong with a server's certificate; empty if that is not it.
func certificate(err error) string {
	var unknown x509.UnknownAuthorityError
	var otherName x509.HostnameError
	var invalid x509.CertificateInvalidError
	var wrong *tls.CertificateVerificationError
	switch {
	case errors.As(err, &unknown):
		return "its certificate is not from anybody whom this system trusts"
	case errors.As(err, &otherName):
		return "its certificate is for another name"
	case errors.As(err, &invalid) && invalid.Reason == x509.Expired:
		return "its certificate is out of date, or this machine's clock is wrong"
	case errors.As(err, &invalid), errors.As(err, &wrong):
		return "its certificate is not valid"
	}
	return ""
}

// Both are compiled at the first error: most runs of the program have none.
var (
	// upgrade is what a WebSocket's client says of an answer that is none.
	upgrade = sync.OnceValue(func() *regexp.Regexp {
		return regexp.MustCompile(`expected handshake response status code 101 but got (\d+)`)
	})
	// origin is a package or a verb that an error's text begins with: "http2: ", "announce: ".
	origin = sync.OnceValue(func() *regexp.Regexp { return regexp.MustCompile(`^[a-z0-9/]+: |^remote error: `) })
)

// protocol says what went wrong between the two sides, in the words of the error's innermost part.
func protocol(err error) string {
	var header tls.RecordHeaderError
	if errors.As(err, &header) || strings.Contains(err.Error(), "HTTP response to HTTPS") {
		return "it does not speak HTTPS"
	}
	if code := upgrade().FindStringSubmatch(err.Error()); code != nil {
		return "it answers with HTTP " + code[1] + " instead of a WebSocket"
	}
	var request *url.Error
	if errors.As(err, &request) {
		err = request.Err // The URL is long and known.
	}
	var op *net.OpError
	if errors.As(err, &op) {
		err = op.Err
	}
	words := err.Error()
	for origin().MatchString(words) {
		words = origin().ReplaceAllString(words, "")
	}
	return words
}
