package operate

import (
	"crypto/sha256"
	"sync"
)

// Sources are what something was made from: files mostly. They remember what was read, so that a change shows.
type Sources struct {
	mu    sync.Mutex
	noted map[string]source
	order []string
}

type source struct {
	read func() ([]byte, error)
	sum  [sha256.Size]byte
}

// Read reads a source by its name and remembers what it holds, or that it cannot be read.
func (s *Sources) Read(name string, read func() ([]byte, error)) ([]byte, error) {
	content, err := read()
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.noted == nil {
		s.noted = make(map[string]source)
	}
	if _, known := s.noted[name]; !known {
		s.order = append(s.order, name)
	}
	s.noted[name] = source{read, sumOf(content, err)}
	return content, err
}

// then is the digest of what was read.
func (s *Sources) then() [sha256.Size]byte {
	return s.digest(func(one source) [sha256.Size]byte { return one.sum })
}

// now is the digest of what would be read.
func (s *Sources) now() [sha256.Size]byte {
	return s.digest(func(one source) [sha256.Size]byte { return sumOf(one.read()) })
}

func (s *Sources) digest(of func(source) [sha256.Size]byte) (sum [sha256.Size]byte) {
	s.mu.Lock()
	var noted []source
	for _, name := range s.order {
		noted = append(noted, s.noted[name])
	}
	s.mu.Unlock()
	h := sha256.New()
	for _, each := range noted {
		one := of(each)
		h.Write(one[:])
	}
	h.Sum(sum[:0])
	return sum
}

// sumOf tells contents apart, and what cannot be read from what can.
func sumOf(content []byte, err error) [sha256.Size]byte {
	if err != nil {
		return [sha256.Size]byte{}
	}
	return sha256.Sum256(content)
}
