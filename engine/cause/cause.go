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

// Describe returns in a few plain words why a request to a server failed, without a full stop; "it" is the server. If
// several attempts have failed, each cause is named once. The text may contain text of others that is not clean (see
// engine.Clean). It is empty for nil.
func Describe(err error) string {
	var words []string
	for _, e := range splitJoined(err) {
		if w := describe(e); w != "" && !slices.Contains(words, w) {
			words = append(words, w)
		}
	}
	if len(words) > 1 { // A machine without IPv6, for instance, has tried an address that it has no route to.
		words = slices.DeleteFunc(words, func(w string) bool { return w == noRoute })
	}
	return strings.Join(words, "; ")
}

// noRoute describes an address that the system has no route to.
const noRoute = "there is no network that leads there"

// noAnswer describes a timeout.
const noAnswer = "no answer in time"

// splitJoined returns the errors that were joined into one, or the error itself.
func splitJoined(err error) []error {
	for e := err; e != nil; e = errors.Unwrap(e) {
		joined, ok := e.(interface{ Unwrap() []error })
		if !ok {
			continue
		}
		var all []error
		for _, each := range joined.Unwrap() {
			all = append(all, splitJoined(each)...)
		}
		return all
	}
	if err == nil {
		return nil
	}
	return []error{err}
}

// describe is Describe for a single attempt.
func describe(err error) string {
	var name *net.DNSError
	var errno syscall.Errno
	var timeout net.Error
	switch {
	case errors.Is(err, context.Canceled):
		return "it was interrupted"
	case errors.As(err, &name):
		return describeDNS(name)
	case describeCertificate(err) != "":
		return describeCertificate(err)
	case errors.Is(err, context.DeadlineExceeded), errors.Is(err, os.ErrDeadlineExceeded):
		return noAnswer
	case errors.As(err, &errno):
		return describeErrno(errno)
	case errors.As(err, &timeout) && timeout.Timeout():
		return noAnswer
	case errors.Is(err, io.ErrUnexpectedEOF):
		return "it ends the connection in the middle of an answer"
	case errors.Is(err, io.EOF), strings.HasSuffix(err.Error(), idleClosed):
		return "it ends the connection without an answer"
	}
	return describeProtocol(err)
}

// idleClosed is the text of an error that net/http does not export: the server closed the connection just before the
// request was sent.
const idleClosed = "http: server closed idle connection"

// IsNoNetwork reports whether a request failed because this machine has no network: none of its attempts has left the
// machine.
func IsNoNetwork(err error) bool {
	all := splitJoined(err)
	return len(all) > 0 && !slices.ContainsFunc(all, func(e error) bool {
		var name *net.DNSError
		if errors.As(e, &name) {
			return !strings.Contains(name.Err, "unreachable")
		}
		return !errors.Is(e, syscall.ENETUNREACH) && !errors.Is(e, syscall.ENETDOWN)
	})
}

// describeDNS returns why a name has no address.
func describeDNS(e *net.DNSError) string {
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

// describeErrno returns the system's error of a connection in words.
func describeErrno(errno syscall.Errno) string {
	switch errno {
	case syscall.ECONNREFUSED:
		return "it refuses the connection"
	case syscall.ECONNRESET, syscall.EPIPE, syscall.ECONNABORTED:
		return "it breaks the connection off"
	case syscall.ETIMEDOUT:
		return noAnswer
	case syscall.ENETUNREACH, syscall.ENETDOWN, syscall.EAFNOSUPPORT, syscall.EADDRNOTAVAIL:
		return noRoute
	case syscall.EHOSTUNREACH:
		return "it cannot be reached from this network"
	case syscall.EACCES, syscall.EPERM:
		return "this machine lets nothing through to it, as a firewall does"
	case syscall.EMFILE, syscall.ENFILE:
		return "this machine has too many files open"
	}
	return errno.Error()
}

// describeCertificate returns what is wrong with a server's certificate; empty if err is another error.
func describeCertificate(err error) string {
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

// describeProtocol describes an error of HTTPS, HTTP or WebSocket, with the text of the innermost error.
func describeProtocol(err error) string {
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
