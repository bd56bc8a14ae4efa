package lambdaedge

import (
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"time"

	"github.com/edgeauth/edgeauth"
	"github.com/edgeauth/edgeauth/internal/fetchmetadata"
	"github.com/edgeauth/edgeauth/internal/seal"
)

const (
	// handoverHeader carries what viewer-response is to add. A viewer's own header of this name is never passed on.
	handoverHeader = "Edgeauth-Handover"
	handoverLife   = 30 * time.Second
	// maxHandover is the longest value. A policy may send it to the origin, and servers take about 8 KB in one line.
	maxHandover = 8000
	// maxRenewed is the most bytes of cookies with which a session is renewed in this way: the new cookies are about as
	// long, and a third longer in the header, which is base64.
	maxRenewed = 4096
)

var errHandover = errors.New("what was handed over is not ours")

// handover encrypts and decrypts what the viewer-request event of a request hands over to its viewer-response event.
type handover struct {
	box *seal.Box
	now func() time.Time
}

// handed is the content of the header.
type handed struct {
	Until  int64 // Unix seconds
	Header http.Header
}

const handoverLabel = "edgeauth/v1/handover"

func newHandover(keys [][]byte) (*handover, error) {
	h := &handover{now: time.Now}
	var faults []error
	if len(keys) == 0 {
		faults = append(faults, &edgeauth.FieldError{Field: "Keys", Problem: "is empty, and ViewerResponse needs a key", Remedy: "give 32 random bytes"})
	}
	for i, key := range keys {
		if problem := seal.KeyProblem(key); problem != "" {
			faults = append(faults, &edgeauth.FieldError{Field: fmt.Sprintf("Keys[%d]", i), Problem: problem, Remedy: "make one with: openssl rand -base64 32"})
		}
	}
	if len(faults) > 0 {
		return h, errors.Join(faults...)
	}
	box, err := seal.WithLabel(keys, handoverLabel)
	h.box = box
	return h, err
}

// carries reports whether the response to r can get cookies in this way. A page view does not need it: it follows a
// redirect to its own address without loss, and that works whatever the origin answers.
func (h *handover) carries(r *edgeauth.Request) bool {
	if h == nil || r.ID == "" || navigates(r) {
		return false
	}
	length := 0
	for _, line := range r.Cookie {
		length += len(line)
	}
	return length <= maxRenewed
}

func navigates(r *edgeauth.Request) bool {
	return (r.Method == http.MethodGet || r.Method == http.MethodHead) && fetchmetadata.Header(r.Header).Navigation()
}

// close encrypts a header for the response to one request.
func (h *handover) close(requestID string, header http.Header) (string, error) {
	for name := range header {
		if !settableLater(name) {
			return "", fmt.Errorf("the decision adds the header %s, which CloudFront does not let a viewer-response function set", name)
		}
	}
	plain, err := json.Marshal(handed{h.now().Add(handoverLife).Unix(), header})
	if err != nil {
		return "", err
	}
	value := h.box.Seal([]byte(requestID), plain)
	if len(value) > maxHandover {
		return "", fmt.Errorf("what is to be handed over to viewer-response has %d bytes, and at most %d fit: keep fewer claims or groups", len(value), maxHandover)
	}
	return value, nil
}

// open returns the header that close has made for the response to this request less than 30 s ago.
func (h *handover) open(requestID, value string) (http.Header, error) {
	if len(value) > maxHandover {
		return nil, errHandover
	}
	plain, ok := h.box.Open([]byte(requestID), value)
	if !ok {
		return nil, errHandover
	}
	var found handed
	switch err := json.Unmarshal(plain, &found); {
	case err != nil:
		return nil, err
	case h.now().Unix() >= found.Until:
		return nil, errors.New("what was handed over is too old")
	}
	return found.Header, nil
}
