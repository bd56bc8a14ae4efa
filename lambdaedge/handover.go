package lambdaedge

import (
	"crypto/aes"
	"crypto/cipher"
	"crypto/hkdf"
	"crypto/sha256"
	"encoding/base64"
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"strings"
	"time"

	"github.com/edgeauth/edgeauth"
)

const (
	// handoverHeader carries what viewer-response is to add. It never goes on as it came from a viewer.
	handoverHeader = "Edgeauth-Handover"
	handoverLife   = 30 * time.Second
	// maxHandover is the longest value. A policy may send it to the origin, and servers take about 8 KB in one line.
	maxHandover = 8000
	// maxRenewed is how long cookies may be that are renewed in this way: the new ones are much like them, and a
	// third longer in the header.
	maxRenewed = 4096
	keySize    = 32
)

// handover seals and opens what one request's viewer-request event hands over to its viewer-response event.
type handover struct {
	aeads []cipher.AEAD // the first seals, all open
	now   func() time.Time
}

// handed is what is sealed.
type handed struct {
	Until  int64 // Unix seconds
	Header http.Header
}

func newHandover(keys [][]byte) (*handover, error) {
	h := &handover{now: time.Now}
	var faults []error
	if len(keys) == 0 {
		faults = append(faults, &edgeauth.FieldError{Field: "Keys", Problem: "is empty, and ViewerResponse needs a key", Remedy: "give 32 random bytes"})
	}
	for i, key := range keys {
		if len(key) != keySize {
			faults = append(faults, &edgeauth.FieldError{
				Field: fmt.Sprintf("Keys[%d]", i), Problem: fmt.Sprintf("has %d bytes, want %d", len(key), keySize), Remedy: "give 32 random bytes",
			})
			continue
		}
		aead, err := newAEAD(key)
		h.aeads, faults = append(h.aeads, aead), append(faults, err)
	}
	return h, errors.Join(faults...)
}

// newAEAD derives the key of this purpose (RFC 5869).
func newAEAD(master []byte) (cipher.AEAD, error) {
	key, err := hkdf.Key(sha256.New, master, nil, "edgeauth/v1/handover", keySize)
	if err != nil {
		return nil, err
	}
	block, err := aes.NewCipher(key)
	if err != nil {
		return nil, err
	}
	return cipher.NewGCMWithRandomNonce(block)
}

// carries reports whether the response to r can get cookies in this way. Navigations follow a redirect to their own
// address without loss, and that works whatever the origin answers.
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
	if r.Method != http.MethodGet && r.Method != http.MethodHead {
		return false
	}
	if mode := r.Header("Sec-Fetch-Mode"); mode != "" {
		return mode == "navigate"
	}
	return strings.Contains(r.Header("Accept"), "text/html")
}

// close seals a header for the response to one request.
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
	value := base64.RawURLEncoding.EncodeToString(h.aeads[0].Seal(nil, nil, plain, []byte(requestID)))
	if len(value) > maxHandover {
		return "", fmt.Errorf("what is to be handed over to viewer-response has %d bytes, and at most %d fit: keep fewer claims or groups", len(value), maxHandover)
	}
	return value, nil
}

// open returns what was sealed for the response to this request less than 30 s ago.
func (h *handover) open(requestID, value string) (http.Header, error) {
	box, err := base64.RawURLEncoding.Strict().DecodeString(value)
	if err != nil || len(value) > maxHandover {
		return nil, errors.New("what was handed over is not ours")
	}
	for _, aead := range h.aeads {
		plain, err := aead.Open(nil, nil, box, []byte(requestID))
		if err != nil {
			continue
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
	return nil, errors.New("what was handed over is not ours")
}
