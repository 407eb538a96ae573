package main

import (
	"context"
	"time"

	"golang.org/x/sys/windows/svc"
)

// asService runs the program. If Windows' service manager has started it, it reports its state to that, and a stop
// request ends it like a signal elsewhere.
func asService(program func(context.Context) int) int {
	if !isService() {
		return program(context.Background())
	}
	s := &service{program: program, code: exitFailed}
	if err := svc.Run("wtptui", s); err != nil {
		return exitFailed
	}
	return s.code
}

// isService reports whether Windows' service manager has started the program.
func isService() bool {
	is, err := svc.IsWindowsService()
	return err == nil && is
}

// service is the program as the service manager sees it.
type service struct {
	program func(context.Context) int
	code    int // exit code, once the program has ended
}

// Execute implements svc.Handler. An exit code other than 0 becomes the service-specific code: 2 for invalid settings.
func (s *service) Execute(_ []string, requests <-chan svc.ChangeRequest, status chan<- svc.Status) (bool, uint32) {
	ctx, end := context.WithCancel(context.Background())
	defer end()
	ended := make(chan int, 1)
	go func() { ended <- s.program(ctx) }()
	status <- svc.Status{State: svc.Running, Accepts: svc.AcceptStop | svc.AcceptShutdown}
	for {
		select {
		case s.code = <-ended:
			return s.code != exitDone, uint32(s.code) // Exit codes are 0 to 2.
		case r := <-requests:
			switch r.Cmd {
			case svc.Interrogate:
				status <- r.CurrentStatus
			case svc.Stop, svc.Shutdown:
				end()
				status <- svc.Status{State: svc.StopPending, WaitHint: uint32(2 * drainTimeout / time.Millisecond)}
			}
		}
	}
}
