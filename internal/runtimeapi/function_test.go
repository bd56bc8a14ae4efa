//go:build linux

package runtimeapi_test

import (
	"bytes"
	"fmt"
	"io"
	"net/http"
	"os"
	"os/exec"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/edgeauth/edgeauth/internal/runtimeapi"
)

// The test binary is also the function: started with this word and a name of behaviours.
const child = "be-the-function"

func TestMain(m *testing.M) {
	if len(os.Args) == 3 && os.Args[1] == child {
		behaviours[os.Args[2]](caller("http://" + os.Getenv("AWS_LAMBDA_RUNTIME_API") + "/2018-06-01/runtime/"))
		os.Exit(0)
	}
	os.Exit(m.Run())
}

// caller is the function's side of the Runtime API.
type caller string

func (c caller) next() (id, event string) {
	answer, err := http.Get(string(c) + "invocation/next")
	if err != nil {
		os.Exit(9)
	}
	body, _ := io.ReadAll(answer.Body)
	answer.Body.Close()
	return answer.Header.Get("Lambda-Runtime-Aws-Request-Id"), string(body)
}

func (c caller) post(path, body string) int {
	answer, err := http.Post(string(c)+path, "application/json", strings.NewReader(body))
	if err != nil {
		os.Exit(9)
	}
	answer.Body.Close()
	return answer.StatusCode
}

func (c caller) each(serve func(id, event string)) {
	for {
		id, event := c.next()
		serve(id, event)
	}
}

var behaviours = map[string]func(c caller){
	"answers": func(c caller) {
		c.each(func(id, event string) {
			c.post("invocation/"+id+"/response", fmt.Sprintf("%s by %d for %s", event, os.Getpid(), os.Getenv("_HANDLER")))
		})
	},
	"reports an error and ends": func(c caller) {
		c.each(func(id, event string) {
			if event == "fail" {
				c.post("invocation/"+id+"/error", `{"errorType": "Oops", "errorMessage": "it broke"}`)
				os.Exit(1)
			}
			c.post("invocation/"+id+"/response", "well")
		})
	},
	"ends at once":            func(caller) { os.Exit(3) },
	"ends without an answer":  func(c caller) { c.next(); os.Exit(4) },
	"fails to begin":          func(c caller) { c.post("init/error", `{"errorType": "Config", "errorMessage": "no key"}`); os.Exit(1) },
	"never asks":              func(caller) { time.Sleep(time.Hour) },
	"hangs":                   func(c caller) { c.next(); time.Sleep(time.Hour) },
	"answers something else":  func(c caller) { c.next(); c.post("invocation/other/response", "x"); time.Sleep(time.Hour) },
	"polls without answering": func(c caller) { c.next(); c.next() },
	"answers twice": func(c caller) {
		id, _ := c.next()
		c.post("invocation/"+id+"/response", "x")
		c.post("invocation/"+id+"/response", "x")
		time.Sleep(time.Hour)
	},
	"polls twice at once": func(c caller) {
		id, _ := c.next()
		c.post("invocation/"+id+"/response", "x")
		go c.next()
		c.next()
		time.Sleep(time.Hour)
	},
	"calls something else": func(c caller) { c.post("stop", ""); time.Sleep(time.Hour) },
	"answers too much": func(c caller) {
		c.each(func(id, _ string) { c.post("invocation/"+id+"/response", strings.Repeat("x", 6<<20+1)) })
	},
	"takes memory": func(c caller) {
		c.each(func(id, event string) {
			held := bytes.Repeat([]byte(event), 200<<20)
			c.post("invocation/"+id+"/response", fmt.Sprint(len(held)))
			_, _ = io.Discard.Write(held)
		})
	},
	"starts what takes memory": func(c caller) {
		self, _ := os.Executable()
		started := false
		c.each(func(id, _ string) {
			if !started {
				started = exec.Command(self, child, "holds memory").Start() == nil
			}
			c.post("invocation/"+id+"/response", "well")
		})
	},
	"holds memory": func(caller) {
		held := bytes.Repeat([]byte("x"), 200<<20)
		time.Sleep(time.Hour)
		_, _ = io.Discard.Write(held)
	},
}

// output collects what a function prints.
type output struct {
	mu  sync.Mutex
	buf bytes.Buffer
}

func (o *output) Write(p []byte) (int, error) {
	o.mu.Lock()
	defer o.mu.Unlock()
	return o.buf.Write(p)
}

func newFunction(t *testing.T, behaviour string) *runtimeapi.Function {
	self, err := os.Executable()
	require.NoError(t, err)
	f := &runtimeapi.Function{Command: []string{self, child, behaviour}, Dir: t.TempDir(), Handler: "index.handler", Output: &output{}, Init: time.Hour, Timeout: time.Hour}
	t.Cleanup(f.Close)
	return f
}

func TestOneProcessServesEventAfterEvent(t *testing.T) {
	f := newFunction(t, "answers")
	started, all := f.Processes()
	require.Empty(t, all, "nothing runs before there is an event")
	require.Zero(t, started)
	for _, event := range []string{"one", "two", "three"} {
		got, err := f.Invoke([]byte(event))
		require.NoError(t, err)
		started, all = f.Processes()
		require.Equal(t, []int{started}, all)
		require.Equal(t, fmt.Sprintf("%s by %d for index.handler", event, started), string(got))
	}
	require.Positive(t, f.MemoryUsed())
}

func TestWhatFailsIsSaidAndTheNextEventHasANewProcess(t *testing.T) {
	for behaviour, want := range map[string]string{
		"never asks":              "Sandbox.Timedout: the function asked for no event within 200ms",
		"ends at once":            "Runtime.ExitError: the function's process ended with exit status 3, before it asked for an event",
		"ends without an answer":  "Runtime.ExitError: the function's process ended with exit status 4, without an answer",
		"fails to begin":          "Config: no key",
		"hangs":                   "Sandbox.Timedout: the function gave no answer within 200ms",
		"answers something else":  "Runtime.ProtocolError: an answer to an event that is not in progress",
		"polls without answering": "Runtime.ProtocolError: a poll before the event was answered",
		"calls something else":    "Runtime.ProtocolError: POST /2018-06-01/runtime/stop is no part of the Runtime API",
		"answers too much":        "Function.ResponseSizeTooLarge: an answer of more than 6291456 bytes",
	} {
		t.Run(behaviour, func(t *testing.T) {
			t.Parallel()
			f := newFunction(t, behaviour)
			switch behaviour {
			case "never asks":
				f.Init = 200 * time.Millisecond
			case "hangs":
				f.Timeout = 200 * time.Millisecond
			}
			for range 2 {
				_, err := f.Invoke([]byte("event"))
				require.ErrorContains(t, err, want)
			}
		})
	}
}

func TestTheLimitsAreLambdasUnlessOthersAreGiven(t *testing.T) {
	require.Equal(t, []any{10 * time.Second, 5 * time.Second, 128},
		[]any{runtimeapi.DefaultInit, runtimeapi.DefaultTimeout, runtimeapi.DefaultMemory})
}

func TestAProcessThatEndsBetweenEventsIsNobodysFailure(t *testing.T) {
	f := newFunction(t, "reports an error and ends")
	for range 3 {
		_, err := f.Invoke([]byte("fail"))
		require.EqualError(t, err, "Oops: it broke")
		got, err := f.Invoke([]byte("event"))
		require.NoError(t, err)
		require.Equal(t, "well", string(got))
	}
}

func TestABreachAfterTheAnswerIsSaidAtTheNextEvent(t *testing.T) {
	f := newFunction(t, "answers twice")
	_, err := f.Invoke([]byte("event"))
	require.NoError(t, err)
	_, err = f.Invoke([]byte("event"))
	require.EqualError(t, err, "Runtime.ProtocolError: an answer to an event that is not in progress")
}

func TestOnePollWaitsAtATime(t *testing.T) {
	f := newFunction(t, "polls twice at once")
	_, err := f.Invoke([]byte("event"))
	require.NoError(t, err)
	require.Eventually(t, func() bool { _, all := f.Processes(); return len(all) == 0 }, 5*time.Minute, 10*time.Millisecond)
	_, err = f.Invoke([]byte("event"))
	require.EqualError(t, err, "Runtime.ProtocolError: a second poll while one waits")
}

func TestAFunctionThatTakesMoreMemoryThanItHasIsStopped(t *testing.T) {
	f := newFunction(t, "takes memory")
	_, err := f.Invoke([]byte("x"))
	require.ErrorContains(t, err, "Runtime.OutOfMemory: the function takes ")
	_, all := f.Processes()
	require.Empty(t, all)
}

func TestWhatAFunctionStartsCountsAsItsMemory(t *testing.T) {
	f := newFunction(t, "starts what takes memory")
	var err error
	require.Eventually(t, func() bool {
		_, err = f.Invoke([]byte("x"))
		return err != nil
	}, 5*time.Minute, 50*time.Millisecond)
	require.ErrorContains(t, err, "Runtime.OutOfMemory: the function takes ")
}

func TestACommandThatCannotBeStartedIsSaid(t *testing.T) {
	f := newFunction(t, "")
	f.Command = []string{"/no/such/program"}
	_, err := f.Invoke([]byte("event"))
	require.ErrorContains(t, err, "Runtime.InvalidEntrypoint: ")
	f.Close()
}

func TestTheEnvironmentIsLambdasAlone(t *testing.T) {
	t.Setenv("EDGEAUTH_SECRET", "hush")
	f := newFunction(t, "")
	f.Command = []string{"/usr/bin/env"}
	f.Env = []string{"MORE=1"}
	_, err := f.Invoke([]byte("event"))
	require.ErrorContains(t, err, "before it asked for an event")
	printed := f.Output.(*output).buf.String()
	require.Contains(t, printed, "LAMBDA_TASK_ROOT="+f.Dir)
	require.Contains(t, printed, "AWS_LAMBDA_FUNCTION_MEMORY_SIZE=128")
	require.Contains(t, printed, "MORE=1")
	require.NotContains(t, printed, "hush")
}
