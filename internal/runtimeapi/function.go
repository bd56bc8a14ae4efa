// Package runtimeapi runs a Lambda function in a process of this machine. It is the platform's side of the AWS Lambda
// Runtime API (version 2018-06-01), and as strict as the platform: what breaks the order of calls ends the process.
package runtimeapi

import (
	"cmp"
	"crypto/rand"
	"errors"
	"fmt"
	"io"
	"sync"
	"time"
)

const maxAnswer = 6 << 20 // bytes of what a function may return

// The limits of Lambda@Edge at viewer-request, and of any function until it asks for its first event.
const (
	DefaultInit    = 10 * time.Second
	DefaultTimeout = 5 * time.Second
	DefaultMemory  = 128 // MB
)

// Function is a function that is started when an event needs it, serves one event at a time, and is started anew after
// it has failed to. Command and Dir are required.
type Function struct {
	Command []string      // as exec.Command takes it
	Dir     string        // the unpacked zip; the process starts there
	Handler string        // such as "index.handler"
	Memory  int           // in MB; what takes more is stopped after its event. Default [DefaultMemory]
	Init    time.Duration // from its start until it asks for an event. Default [DefaultInit]
	Timeout time.Duration // for one event. Default [DefaultTimeout]
	Env     []string      // beyond Lambda's reserved variables. Nothing else is inherited
	Output  io.Writer     // gets what the process prints

	mu      sync.Mutex
	process *process
}

// Error says why an event has no answer. Type is as Lambda calls it, or what the function itself reported.
type Error struct{ Type, Message string }

func (e *Error) Error() string { return e.Type + ": " + e.Message }

// Invoke returns what the function answers to an event.
func (f *Function) Invoke(event []byte) ([]byte, error) {
	f.mu.Lock()
	defer f.mu.Unlock()
	e := &invocation{
		id: rand.Text(), payload: event, init: cmp.Or(f.Init, DefaultInit), timeout: cmp.Or(f.Timeout, DefaultTimeout),
	}
	result, err := f.serve(e)
	if errors.Is(err, errGone) {
		result, err = f.serve(e)
	}
	return result, err
}

// serve hands the event to the process, which it starts where there is none.
func (f *Function) serve(e *invocation) (result []byte, err error) {
	if f.process == nil {
		if f.process, err = startProcess(f); err != nil {
			return nil, err
		}
	}
	result, err = f.process.serve(e)
	if err == nil {
		err = f.checkMemory()
	}
	if err != nil && f.process.over() {
		f.process.stop()
		f.process = nil
	}
	return result, err
}

func (f *Function) checkMemory() error {
	if used := f.process.memoryAfterEvent(); used > int64(f.memory())<<20 {
		f.process.kill()
		return &Error{"Runtime.OutOfMemory", fmt.Sprintf("the function takes %d MB, and has %d MB", used>>20, f.memory())}
	}
	return nil
}

func (f *Function) memory() int { return cmp.Or(f.Memory, DefaultMemory) }

// Processes are the ids of the process that was started and of all that run for it now. Both are empty where none does.
func (f *Function) Processes() (started int, all []int) {
	f.mu.Lock()
	defer f.mu.Unlock()
	if f.process == nil {
		return 0, nil
	}
	return f.process.cmd.Process.Pid, f.process.ids()
}

// MemoryUsed is what the function's processes have resident, in bytes; 0 where that is not to be learnt.
func (f *Function) MemoryUsed() int64 {
	f.mu.Lock()
	defer f.mu.Unlock()
	if f.process == nil {
		return 0
	}
	return f.process.memory()
}

// Close ends the process.
func (f *Function) Close() {
	f.mu.Lock()
	defer f.mu.Unlock()
	if f.process != nil {
		f.process.stop()
		f.process = nil
	}
}
