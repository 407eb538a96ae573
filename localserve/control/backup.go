package control

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"reflect"
	"strconv"
	"strings"

	"wtptui/engine"
)

// maxBackup is the maximum size of a compressed backup, in bytes.
const maxBackup = 4 << 30

// backupMedia is the media type of a backup.
const backupMedia = "application/gzip"

const (
	// failureTrailer is the HTTP trailer with the failure because of which a backup is incomplete. It is sent to
	// clients with the header "TE: trailers".
	failureTrailer = "Wtptui-Failure"
	trailers       = "trailers"
	// maxTrailer is the maximum size of the trailer, in bytes: net/http reads no more than 4 KiB of trailers.
	maxTrailer = 3 << 10
)

// RestoredKind is the kind of a part of a backup.
type RestoredKind string

// The kinds of parts.
const (
	RestoredSite     RestoredKind = "site"
	RestoredKey      RestoredKind = "key"
	RestoredList     RestoredKind = "list"     // a list that is followed
	RestoredConfig   RestoredKind = "config"   // config.toml
	RestoredSettings RestoredKind = "settings" // limits, and homes that are off
)

// Outcome is the result of restoring a part of a backup.
type Outcome string

// The outcomes.
const (
	OutcomeAdded   Outcome = "added"
	OutcomeExists  Outcome = "here"    // it exists already, and was not changed
	OutcomeRefused Outcome = "refused" // see Restored.Why
)

// Restored is the result of restoring one part of a backup.
type Restored struct {
	Kind RestoredKind `json:"kind"`
	// Name is a site's host, a key's name, or the source of a list; empty if there is only one part of the kind.
	Name    string  `json:"name"`
	Outcome Outcome `json:"outcome"`
	// Why says why it was refused, and what to do. It has no control characters, and is empty otherwise.
	Why string `json:"why"`
}

// backupRoutes are the requests for backups.
func backupRoutes() []route {
	keys := parameter{name: "keys", description: "\"false\" leaves the secret keys out."}
	dry := parameter{name: "dry_run", description: "\"true\" changes nothing, and returns what would be done."}
	return []route{
		{
			method: "GET", path: pathBackup,
			summary: "Return a backup of all that cannot be fetched from the swarm again: sites, keys (secret), settings, " +
				"lists. Without the file SHA256SUMS at its end it is incomplete.",
			errorKinds: []engine.Kind{engine.Refused},
			handler:    handler{query: []parameter{keys}, replyMedia: backupMedia, handle: (*server).backup},
		},
		{
			method: "POST", path: pathRestore,
			summary: "Add what is in a backup and not here; what is here is not changed. It can be repeated.",
			errorKinds: []engine.Kind{
				engine.Refused, engine.Invalid, engine.Conflict, engine.Damaged, engine.TooLarge,
			},
			handler: handler{
				query: []parameter{dry}, requestMedia: backupMedia, reply: reflect.TypeFor[[]Restored](), handle: (*server).restore,
			},
		},
	}
}

func (s *server) backup(w http.ResponseWriter, r *http.Request) (any, error) {
	if s.program.Backup == nil {
		return nil, &engine.Error{Op: "control: backup", Kind: engine.Refused, Msg: "this wtptui makes no backups"}
	}
	w.Header().Set("Content-Type", backupMedia)
	w.Header().Set("Trailer", failureTrailer)
	out := &writeTracker{writer: w}
	err := s.program.Backup(r.Context(), out, r.URL.Query().Get("keys") != "false")
	if err != nil && out.wrote {
		s.log.Error("control: backup", "error", err)
		encoded, jsonErr := json.Marshal(toFailure(err))
		if jsonErr != nil || len(encoded) > maxTrailer || r.Header.Get("TE") != trailers {
			panic(http.ErrAbortHandler) // The client sees that the response is cut off.
		}
		w.Header().Set(failureTrailer, string(encoded))
		return alreadyWritten{}, nil
	}
	return alreadyWritten{}, err
}

// writeTracker records whether anything was written.
type writeTracker struct {
	writer io.Writer
	wrote  bool
}

func (b *writeTracker) Write(p []byte) (int, error) {
	b.wrote = true
	return b.writer.Write(p)
}

func (s *server) restore(_ http.ResponseWriter, r *http.Request) (any, error) {
	if s.program.Restore == nil {
		return nil, &engine.Error{
			Op: "control: restore", Kind: engine.Refused, Msg: "this wtptui restores no backups",
		}
	}
	done, err := s.program.Restore(r.Context(), r.Body, r.URL.Query().Get("dry_run") == "true")
	var tooLarge *http.MaxBytesError
	if errors.As(err, &tooLarge) {
		return nil, &engine.Error{Op: "control: restore", Kind: engine.TooLarge, Msg: "the backup is larger than 4 GiB"}
	}
	return done, err
}

// Backup writes a backup of the engine's program, with or without its secret keys. After an error, what was written is
// not a valid backup.
func (c *Client) Backup(ctx context.Context, to io.Writer, keys bool) error {
	const op = "control: backup"
	resp, err := c.send(ctx, http.MethodGet, pathBackup+"?keys="+strconv.FormatBool(keys), nil)
	if err != nil {
		return wrapError(ctx, op, "", err)
	}
	defer resp.Body.Close()
	if resp.StatusCode != http.StatusOK {
		return readFailure(ctx, op, "", resp, io.LimitReader(resp.Body, maxBody))
	}
	if _, err := io.Copy(to, resp.Body); err != nil {
		return wrapError(ctx, op, "", err)
	}
	if encoded := resp.Trailer.Get(failureTrailer); encoded != "" {
		return readFailure(ctx, op, "", resp, strings.NewReader(encoded))
	}
	return nil
}

// Restore adds the contents of a backup to the engine's program. With dryRun it changes nothing, and returns what it
// would do.
func (c *Client) Restore(ctx context.Context, from io.Reader, dryRun bool) ([]Restored, error) {
	const op = "control: restore"
	query := url.Values{"dry_run": {strconv.FormatBool(dryRun)}}
	resp, err := c.sendBody(ctx, http.MethodPost, pathRestore+"?"+query.Encode(), io.NopCloser(from), backupMedia)
	if err != nil {
		return nil, wrapError(ctx, op, "", err)
	}
	defer resp.Body.Close()
	limited := io.LimitReader(resp.Body, maxBody)
	if resp.StatusCode != http.StatusOK {
		return nil, readFailure(ctx, op, "", resp, limited)
	}
	var all []Restored
	if err := json.NewDecoder(limited).Decode(&all); err != nil {
		return nil, wrapError(ctx, op, "", fmt.Errorf("read reply: %w", err))
	}
	return all, nil
}
