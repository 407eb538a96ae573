package control

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"net"
	"net/http"
	"runtime/debug"
	"strconv"
	"time"

	"wtptui/engine"
)

// drainTime is how long requests may go on after Serve's context has ended; watches end at once.
const drainTime = time.Second

// Serve answers on ln for eng until ctx ends, then lets running requests end, closes ln, and returns nil. It neither
// starts nor closes the engine, nor can anything be asked of the program (see ServeProgram). An error of the listener
// is returned as it is.
func Serve(ctx context.Context, ln net.Listener, eng engine.Engine, log *slog.Logger) error {
	return ServeProgram(ctx, ln, eng, log, Program{})
}

// ServeProgram is Serve for a program of which others may ask more than its engine does.
func ServeProgram(ctx context.Context, ln net.Listener, eng engine.Engine, log *slog.Logger, program Program) error {
	srv := &server{engine: eng, log: log, closing: ctx, program: program}
	// A client at the end of a line that carries one connection only needs HTTP/2 to ask several things at once.
	var protocols http.Protocols
	protocols.SetHTTP1(true)
	protocols.SetUnencryptedHTTP2(true)
	hs := &http.Server{
		Handler:           srv.handler(),
		Protocols:         &protocols,
		ReadHeaderTimeout: 10 * time.Second,
		MaxHeaderBytes:    16 << 10,
		ErrorLog:          slog.NewLogLogger(log.Handler(), slog.LevelDebug),
	}
	drained := make(chan struct{})
	stop := context.AfterFunc(ctx, func() {
		defer close(drained)
		grace, cancel := context.WithTimeout(context.WithoutCancel(ctx), drainTime)
		defer cancel()
		if hs.Shutdown(grace) != nil {
			hs.Close() // A watcher that does not read keeps its request from ending.
		}
	})
	err := hs.Serve(ln)
	if !errors.Is(err, http.ErrServerClosed) {
		stop()
		hs.Close()
		return fmt.Errorf("control: serve: %w", err)
	}
	<-drained
	return nil
}

// server answers requests from an engine.
type server struct {
	engine  engine.Engine
	log     *slog.Logger
	closing context.Context // ends the watches
	program Program
	patches patches
}

// handler does one request; its reply is written as JSON unless it is nil or the handler wrote itself.
type handler func(w http.ResponseWriter, r *http.Request) (reply any, err error)

func (s *server) handler() http.Handler {
	mux := http.NewServeMux()
	mux.HandleFunc("GET "+pathHello, func(w http.ResponseWriter, r *http.Request) {
		writeReply(w, r, http.StatusOK, hello{Protocol: Protocol, Asks: s.program.Asks})
	})
	mux.HandleFunc("GET "+pathWatch, s.answer(s.watch))
	mux.HandleFunc("GET "+pathDetail, s.answer(withHost(func(ctx context.Context, host string) (any, error) {
		return s.engine.Detail(ctx, host)
	})))
	mux.HandleFunc("POST "+pathAdd, s.answer(withBody(func(ctx context.Context, req engine.AddRequest) (any, error) {
		return s.engine.Add(ctx, req)
	})))
	mux.HandleFunc("POST "+pathDo, s.answer(withBody(func(ctx context.Context, o order) (any, error) {
		return nil, s.engine.Do(ctx, o.Verb, o.Hosts...)
	})))
	mux.HandleFunc("POST "+pathKeepOpen, s.answer(withBody(s.keepOpen)))
	mux.HandleFunc("GET "+pathBin, s.answer(func(_ http.ResponseWriter, r *http.Request) (any, error) {
		return s.engine.Bin(r.Context())
	}))
	mux.HandleFunc("GET "+pathKeys, s.answer(func(_ http.ResponseWriter, r *http.Request) (any, error) {
		return s.engine.Keys(r.Context())
	}))
	mux.HandleFunc("POST "+pathAssign, s.answer(withBody(func(ctx context.Context, a assignment) (any, error) {
		return nil, s.engine.Assign(ctx, a.Assignment, a.Hosts...)
	})))
	mux.HandleFunc("PUT "+pathLimits, s.answer(withBody(func(ctx context.Context, limits engine.Limits) (any, error) {
		return nil, s.engine.SetLimits(ctx, limits)
	})))
	mux.HandleFunc("PUT "+pathHome, s.answer(withBody(func(ctx context.Context, h home) (any, error) {
		return nil, s.engine.SetHome(ctx, h.Name, h.On)
	})))
	mux.HandleFunc("POST "+pathSwitch, s.answer(withBody(func(ctx context.Context, v version) (any, error) {
		return nil, s.engine.Switch(ctx, v.Host, v.Infohash)
	})))
	mux.HandleFunc("POST "+pathExport, s.answer(withBody(func(ctx context.Context, x export) (any, error) {
		return nil, s.engine.Export(ctx, x.Host, x.Request)
	})))
	mux.HandleFunc("GET "+pathResolve, s.answer(withHost(func(ctx context.Context, host string) (any, error) {
		return s.engine.Resolve(ctx, host)
	})))
	mux.HandleFunc("POST "+pathProbe, s.answer(withHost(func(ctx context.Context, host string) (any, error) {
		return s.engine.Probe(ctx, host)
	})))
	mux.HandleFunc("GET "+pathMetainfo, s.answer(withHost(func(ctx context.Context, host string) (any, error) {
		return s.engine.Metainfo(ctx, host)
	})))
	mux.HandleFunc("GET "+pathSight, s.answer(s.sight))
	mux.HandleFunc("GET "+pathSettings, s.answer(s.settings))
	mux.HandleFunc("POST "+pathPublish, s.answer(s.publish))
	mux.HandleFunc("POST "+pathStop, s.answer(s.stop))
	return mux
}

// keepOpen goes on until the client goes away, or the server.
func (s *server) keepOpen(ctx context.Context, o order) (any, error) {
	ctx, cancel := context.WithCancel(ctx)
	defer cancel()
	defer context.AfterFunc(s.closing, cancel)()
	return nil, s.engine.KeepOpen(ctx, o.Hosts...)
}

// withBody makes a handler of what takes a request's body.
func withBody[T any](do func(ctx context.Context, body T) (any, error)) handler {
	return func(_ http.ResponseWriter, r *http.Request) (any, error) {
		var body T
		if err := readBody(r, &body); err != nil {
			return nil, err
		}
		return do(r.Context(), body)
	}
}

// withHost makes a handler of what asks about one host.
func withHost(do func(ctx context.Context, host string) (any, error)) handler {
	return func(_ http.ResponseWriter, r *http.Request) (any, error) {
		return do(r.Context(), r.URL.Query().Get("host"))
	}
}

// written is the reply of a handler that has written its response itself.
type written struct{}

// answer checks the client's protocol, and turns errors, panics included, into failures.
func (s *server) answer(h handler) http.HandlerFunc {
	return func(w http.ResponseWriter, r *http.Request) {
		defer func() {
			if p := recover(); p != nil {
				s.log.Error("control: panic", "path", r.URL.Path, "panic", p, "stack", string(debug.Stack()))
				fail(w, r, &engine.Error{Op: "control", Kind: engine.Internal, Msg: "wtptui has a bug there: its log says more"})
			}
		}()
		if client, _ := strconv.Atoi(r.Header.Get(versionHeader)); client != Protocol {
			fail(w, r, mismatch(client, Protocol))
			return
		}
		r.Body = http.MaxBytesReader(w, r.Body, maxBody)
		reply, err := h(w, r)
		switch {
		case err != nil:
			fail(w, r, err)
		case reply == any(written{}):
		case reply != nil:
			writeReply(w, r, http.StatusOK, reply)
		case r.Method != http.MethodGet:
			w.WriteHeader(http.StatusNoContent)
		}
	}
}

func readBody(r *http.Request, v any) error {
	err := readJSON(r.Body, v)
	var tooLarge *http.MaxBytesError
	switch {
	case err == nil:
		return nil
	case errors.As(err, &tooLarge):
		return errTooLarge
	case errors.Is(err, io.ErrUnexpectedEOF), errors.Is(err, io.EOF):
		return &engine.Error{Op: "control", Kind: engine.Invalid, Msg: "the request is cut off"}
	}
	return &engine.Error{Op: "control", Kind: engine.Invalid, Msg: "the request is not what was expected: " + err.Error()}
}

// writeReply writes what may be large: it is compressed for a client that asks for it.
func writeReply(w http.ResponseWriter, r *http.Request, status int, v any) {
	w.Header().Set("Content-Type", "application/json")
	out := newStream(w, r, status)
	_ = json.NewEncoder(out.to).Encode(v) // What cannot be written has no reader any more.
	out.close()
}

func fail(w http.ResponseWriter, r *http.Request, err error) {
	f := toFailure(err)
	writeReply(w, r, statusOf(f.Kind), f)
}
