package runtimeapi

import (
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"strconv"
	"time"
)

// api is the Runtime API as one process sees it.
func (p *process) api() http.Handler {
	mux := http.NewServeMux()
	mux.HandleFunc("GET /2018-06-01/runtime/invocation/next", p.next)
	mux.HandleFunc("POST /2018-06-01/runtime/invocation/{id}/response", p.response)
	mux.HandleFunc("POST /2018-06-01/runtime/invocation/{id}/error", p.failure)
	mux.HandleFunc("POST /2018-06-01/runtime/init/error", p.initFailure)
	mux.HandleFunc("/", func(w http.ResponseWriter, r *http.Request) {
		p.refuse(w, http.StatusNotFound, r.Method+" "+r.URL.Path+" is no part of the Runtime API")
	})
	return mux
}

// next waits for an event and hands it out.
func (p *process) next(w http.ResponseWriter, r *http.Request) {
	p.mu.Lock()
	polling, current := p.polling, p.current
	p.polling = true
	p.mu.Unlock()
	switch {
	case polling:
		p.refuse(w, http.StatusForbidden, "a second poll while one waits")
		return
	case current != nil:
		p.refuse(w, http.StatusForbidden, "a poll before the event was answered")
		return
	}
	select {
	case e := <-p.events:
		p.mu.Lock()
		p.polling, p.used, p.current = false, true, e
		p.mu.Unlock()
		h := w.Header()
		h.Set("Content-Type", "application/json")
		h.Set("Lambda-Runtime-Aws-Request-Id", e.id)
		h.Set("Lambda-Runtime-Deadline-Ms", strconv.FormatInt(time.Now().Add(e.timeout).UnixMilli(), 10))
		h.Set("Lambda-Runtime-Invoked-Function-Arn", "arn:aws:lambda:us-east-1:123456789012:function:local:1")
		h.Set("Lambda-Runtime-Trace-Id", "Root=1-00000000-000000000000000000000000")
		_, _ = w.Write(e.payload)
	case <-r.Context().Done():
		p.mu.Lock()
		p.polling = false
		p.mu.Unlock()
	}
}

func (p *process) response(w http.ResponseWriter, r *http.Request) {
	p.take(w, r, func(body []byte) answer { return answer{payload: body} })
}

func (p *process) failure(w http.ResponseWriter, r *http.Request) {
	p.take(w, r, func(body []byte) answer { return answer{err: reported(body)} })
}

// take reads the answer to the event that is handed out.
func (p *process) take(w http.ResponseWriter, r *http.Request, read func(body []byte) answer) {
	body, err := io.ReadAll(io.LimitReader(r.Body, maxAnswer+1))
	if err != nil {
		p.refuse(w, http.StatusBadRequest, "an answer broke off: "+err.Error())
		return
	}
	a := read(body)
	if len(body) > maxAnswer {
		a = answer{err: &Error{"Function.ResponseSizeTooLarge", fmt.Sprintf("an answer of more than %d bytes", maxAnswer)}}
	}
	p.mu.Lock()
	known := p.current != nil && p.current.id == r.PathValue("id")
	if known {
		p.current = nil
	}
	p.mu.Unlock()
	if !known {
		p.refuse(w, http.StatusBadRequest, "an answer to an event that is not in progress")
		return
	}
	p.answers <- a // has room: one event is in progress at a time
	w.WriteHeader(http.StatusAccepted)
}

func (p *process) initFailure(w http.ResponseWriter, r *http.Request) {
	body, _ := io.ReadAll(io.LimitReader(r.Body, maxAnswer))
	p.mu.Lock()
	if p.fault == nil {
		p.fault = reported(body)
	}
	p.mu.Unlock()
	w.WriteHeader(http.StatusAccepted)
}

// refuse answers a call that breaks the protocol. The process does not outlive it.
func (p *process) refuse(w http.ResponseWriter, status int, why string) {
	p.mu.Lock()
	if p.fault == nil {
		p.fault = &Error{"Runtime.ProtocolError", why}
	}
	p.mu.Unlock()
	http.Error(w, why, status)
	killGroup(p.cmd)
}

// reported reads the error that a function reports.
func reported(body []byte) *Error {
	var e struct {
		Type    string `json:"errorType"`
		Message string `json:"errorMessage"`
	}
	if json.Unmarshal(body, &e) != nil || e.Type+e.Message == "" {
		return &Error{"Runtime.Unknown", "the function reported an error without saying which"}
	}
	return &Error{e.Type, e.Message}
}
