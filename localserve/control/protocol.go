package control

import (
	"encoding/json"
	"errors"
	"io"
	"net/http"
	"strconv"

	"wtptui/engine"
)

// Protocol is the version of the protocol. It is increased by a change that an older client or server would
// misunderstand. New fields in a reply are not such a change: older clients ignore them.
const Protocol = 10

// The paths of the requests. routes.go describes them.
const (
	pathHello    = "/hello"
	pathWatch    = "/watch"
	pathDetail   = "/detail"
	pathAdd      = "/add"
	pathDo       = "/do"
	pathKeepOpen = "/keep-open"
	pathBin      = "/bin"
	pathKeys     = "/keys"
	pathAssign   = "/assign"
	pathLimits   = "/limits"
	pathHome     = "/home"
	pathSwitch   = "/switch"
	pathResolve  = "/resolve"
	pathPublish  = "/publish"
	pathProbe    = "/probe"
	pathSight    = "/sight"
	pathExport   = "/export"
	pathMetainfo = "/metainfo"
	pathSettings = "/settings"
	pathStop     = "/stop"

	pathSnapshot  = "/snapshot"
	pathSnapshots = "/snapshots"
	pathBackup    = "/backup"
	pathRestore   = "/restore"
)

// versionHeader is the header of each request that holds the client's Protocol.
const versionHeader = "Wtptui-Protocol"

// maxBody is the maximum size of a request, of a reply, and of a line of a watch, in bytes. The largest are a .torrent
// file of engine.MaxMetainfoSize in base64, and the detail of a site with the maximum number of files.
const maxBody = 32 << 20

// hello is the reply to the first request of a client.
type hello struct {
	// Protocol is the version that the server speaks.
	Protocol int `json:"protocol"`
	// Asks reports whether the program asks the person at its screen before it ends.
	Asks bool `json:"asks"`
}

// doRequest applies one verb to any number of sites.
type doRequest struct {
	Verb engine.Verb `json:"verb"`
	// Hosts are the hosts of the sites.
	Hosts []string `json:"hosts"`
}

// keepOpenRequest keeps sites open.
type keepOpenRequest struct {
	// Hosts are the hosts of the sites.
	Hosts []string `json:"hosts"`
}

// assignRequest changes any number of sites.
type assignRequest struct {
	Assignment engine.Assignment `json:"assignment"`
	// Hosts are the hosts of the sites.
	Hosts []string `json:"hosts"`
}

// homeRequest turns a home's site on or off.
type homeRequest struct {
	// Name is the home's domain. On reports whether its site is to be served there.
	Name string `json:"name"`
	On   bool   `json:"on"`
}

// switchRequest selects a version of a site.
type switchRequest struct {
	// Host is the site's host, and Infohash the version's; empty to let the site follow its domain or key again.
	Host     string `json:"host"`
	Infohash string `json:"infohash"`
}

// exportRequest writes a site's files to a folder.
type exportRequest struct {
	// Host is the site's host.
	Host    string               `json:"host"`
	Request engine.ExportRequest `json:"request"`
}

// publishing is one line of the reply to a publication. Lines with only a Progress come first; the last one has a
// Publication, a Failure or both.
type publishing struct {
	Progress    *engine.PublishProgress `json:"progress,omitempty"`
	Publication *engine.Publication     `json:"publication,omitempty"`
	Failure     *failure                `json:"failure,omitempty"`
}

// failure is an error in the format of the protocol.
type failure struct {
	// Op is the operation that failed, as package and verb; Host is the site that it was for, or empty.
	Op   string      `json:"op"`
	Host string      `json:"host"`
	Kind engine.Kind `json:"kind"`
	// Message is one line for a person: what happened, and what to do next.
	Message string `json:"message"`
	// Each has the errors of those of several sites for which the request failed; for the others it succeeded. Asked
	// is the number of all of them.
	Each  []failure `json:"each,omitempty"`
	Asked int       `json:"asked,omitempty"`
}

func toFailure(err error) failure {
	f := failure{Op: "control", Kind: engine.KindOf(err), Message: engine.Message(err)}
	var some *engine.Failures
	if errors.As(err, &some) {
		f.Asked = some.Asked
		for _, e := range some.Each {
			f.Each = append(f.Each, toFailure(e))
		}
		return f
	}
	var e *engine.Error
	if errors.As(err, &e) {
		f.Op, f.Host = e.Op, e.Host
	}
	return f
}

func (f failure) asError() error {
	if len(f.Each) == 0 {
		return f.toError()
	}
	some := &engine.Failures{Asked: f.Asked}
	for _, each := range f.Each {
		some.Each = append(some.Each, each.toError())
	}
	return some
}

func (f failure) toError() *engine.Error {
	return &engine.Error{Op: f.Op, Host: f.Host, Kind: f.Kind, Msg: f.Message}
}

// statuses are the HTTP statuses of failures, by their kind. They are for other programs: Client reads the failure
// itself.
var statuses = []struct {
	kind   engine.Kind
	status int
}{
	{engine.Invalid, http.StatusBadRequest},
	{engine.Refused, http.StatusForbidden},
	{engine.NotFound, http.StatusNotFound},
	{engine.Conflict, http.StatusConflict},
	{engine.TooLarge, http.StatusRequestEntityTooLarge},
	{engine.Damaged, http.StatusInternalServerError},
	{engine.Internal, http.StatusInternalServerError},
	{engine.NotReady, http.StatusServiceUnavailable},
	{engine.Unavailable, http.StatusServiceUnavailable},
}

func httpStatus(k engine.Kind) int {
	for _, s := range statuses {
		if s.kind == k {
			return s.status
		}
	}
	return http.StatusInternalServerError
}

// versionMismatch returns the error that says which side to upgrade. client and server are the Protocol of each;
// client is 0 if it did not send one.
func versionMismatch(client, server int) error {
	header := versionHeader + ": " + strconv.Itoa(server)
	if client == 0 {
		return &engine.Error{
			Op: "control: hello", Kind: engine.Conflict,
			Msg: "the version of the protocol is missing: send the header \"" + header + "\"",
		}
	}
	msg := "the running wtptui is older than this one (it speaks protocol " + strconv.Itoa(server) + ", this one " +
		strconv.Itoa(client) + "): restart it with the new version"
	if client < server {
		msg = "this wtptui is older than the running one (it speaks protocol " + strconv.Itoa(client) +
			", the running one " + strconv.Itoa(server) + "): upgrade this one"
	}
	return &engine.Error{Op: "control: hello", Kind: engine.Conflict, Msg: msg}
}

// readJSON decodes the single value in body and consumes the rest, so that the connection can be reused.
func readJSON(body io.Reader, v any) error {
	if err := json.NewDecoder(body).Decode(v); err != nil {
		return err
	}
	_, err := io.Copy(io.Discard, body)
	return err
}
