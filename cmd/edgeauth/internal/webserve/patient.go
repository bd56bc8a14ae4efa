package webserve

import (
	"io"
	"net/http"
	"time"
)

const (
	bodyStart = 30 * time.Second // for the first bytes of a body
	bodyRate  = 1 << 10          // bytes a second that have to come then, on the average
)

// Patient waits for the body of a request as long as it comes on: an upload may take hours, but nobody holds a connection by
// sending a byte now and then.
func Patient(next http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if r.ContentLength != 0 && r.Body != nil {
			body := &patientBody{ReadCloser: r.Body, control: http.NewResponseController(w), began: time.Now()}
			body.extend()
			own := *r
			own.Body = body
			r = &own
		}
		next.ServeHTTP(w, r)
	})
}

type patientBody struct {
	io.ReadCloser
	control *http.ResponseController
	began   time.Time
	read    int64
}

func (b *patientBody) Read(p []byte) (int, error) {
	n, err := b.ReadCloser.Read(p)
	b.read += int64(n)
	if err == nil {
		b.extend()
	}
	return n, err
}

// extend allows for the time that what has come may have taken. Where the connection has no deadlines, the body has none.
func (b *patientBody) extend() {
	_ = b.control.SetReadDeadline(b.began.Add(bodyStart + time.Duration(b.read/bodyRate)*time.Second))
}
