package runtimeapi

import (
	"context"
	"errors"
	"fmt"
	"net"
	"net/http"
	"os/exec"
	"strconv"
	"sync"
	"time"
)

// process is one start of a function, with a Runtime API of its own.
type process struct {
	cmd    *exec.Cmd
	server *http.Server
	served chan struct{} // closed when the server has ended
	ended  chan struct{} // closed when the process has
	exit   error         // set before ended is closed

	events  chan *invocation // to the poll that waits
	answers chan answer      // of the invocation in progress

	known    []int // ids of the group's processes, as of the last search; the Function's lock guards both
	searched time.Time

	mu      sync.Mutex
	polling bool
	used    bool        // has been handed an event
	current *invocation // handed out, not answered
	fault   *Error      // why the process must end
}

// invocation is one event.
type invocation struct {
	id            string
	payload       []byte
	init, timeout time.Duration
}

type answer struct {
	payload []byte
	err     error
}

func startProcess(f *Function) (*process, error) {
	l, err := new(net.ListenConfig).Listen(context.Background(), "tcp", "127.0.0.1:0")
	if err != nil {
		return nil, err
	}
	p := &process{
		cmd:    exec.Command(f.Command[0], f.Command[1:]...),
		served: make(chan struct{}), ended: make(chan struct{}),
		events: make(chan *invocation), answers: make(chan answer, 1),
	}
	p.server = &http.Server{Handler: p.api(), ReadHeaderTimeout: time.Minute}
	p.cmd.Dir = f.Dir
	p.cmd.Env = environment(f, l.Addr().String())
	p.cmd.Stdout, p.cmd.Stderr = f.Output, f.Output
	// What the process started may hold its output open after it.
	p.cmd.WaitDelay = time.Second
	ownGroup(p.cmd)
	if err := p.cmd.Start(); err != nil {
		l.Close()
		return nil, &Error{"Runtime.InvalidEntrypoint", err.Error()}
	}
	go func() {
		_ = p.server.Serve(l)
		close(p.served)
	}()
	go func() {
		p.exit = p.cmd.Wait()
		close(p.ended)
	}()
	return p, nil
}

// environment is what Lambda's reserved variables are at the edge. Others do not exist there.
func environment(f *Function, api string) []string {
	return append([]string{
		"AWS_LAMBDA_RUNTIME_API=" + api,
		"_HANDLER=" + f.Handler,
		"LAMBDA_TASK_ROOT=" + f.Dir,
		"AWS_REGION=us-east-1",
		"AWS_DEFAULT_REGION=us-east-1",
		"AWS_LAMBDA_FUNCTION_NAME=us-east-1.local",
		"AWS_LAMBDA_FUNCTION_VERSION=1",
		"AWS_LAMBDA_FUNCTION_MEMORY_SIZE=" + strconv.Itoa(f.memory()),
		"AWS_LAMBDA_INITIALIZATION_TYPE=on-demand",
		"AWS_LAMBDA_LOG_GROUP_NAME=/aws/lambda/us-east-1.local",
		"AWS_LAMBDA_LOG_STREAM_NAME=local",
		"TZ=:UTC",
		"LANG=en_US.UTF-8",
	}, f.Env...)
}

// errGone says that the process ended by itself between two events. That is nobody's failure.
var errGone = errors.New("the process has ended")

// serve hands the event to the process and waits for the answer.
func (p *process) serve(e *invocation) ([]byte, error) {
	limit := time.NewTimer(e.init)
	defer limit.Stop()
	select {
	case p.events <- e:
	case <-p.ended:
		if p.gone() {
			return nil, errGone
		}
		return nil, p.why("before it asked for an event")
	case <-limit.C:
		p.kill()
		return nil, &Error{"Sandbox.Timedout", fmt.Sprintf("the function asked for no event within %s", e.init)}
	}
	limit.Reset(e.timeout)
	select {
	case a := <-p.answers:
		return a.payload, a.err
	case <-p.ended:
		select {
		case a := <-p.answers: // its last words
			return a.payload, a.err
		default:
			return nil, p.why("without an answer")
		}
	case <-limit.C:
		p.kill()
		return nil, &Error{"Sandbox.Timedout", fmt.Sprintf("the function gave no answer within %s", e.timeout)}
	}
}

// why says why the process has ended.
func (p *process) why(when string) error {
	p.mu.Lock()
	defer p.mu.Unlock()
	if p.fault != nil {
		return p.fault
	}
	how := "with status 0"
	if p.exit != nil {
		how = "with " + p.exit.Error()
	}
	return &Error{"Runtime.ExitError", "the function's process ended " + how + ", " + when}
}

func (p *process) gone() bool {
	p.mu.Lock()
	defer p.mu.Unlock()
	return p.used && p.fault == nil
}

// over reports whether the process can serve no more.
func (p *process) over() bool {
	select {
	case <-p.ended:
		return true
	default:
		return false
	}
}

// kill ends the process and all that it has started.
func (p *process) kill() {
	killGroup(p.cmd)
	<-p.ended
}

func (p *process) stop() {
	p.kill()
	_ = p.server.Close()
	<-p.served
}
