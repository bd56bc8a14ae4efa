package operate

import (
	"context"
	"crypto/sha256"
	"log/slog"
	"os"
	"sync"
	"sync/atomic"
	"time"

	"github.com/edgeauth/edgeauth"
)

// lookEvery is how often the sources are looked at. A change counts once it is seen twice, so that no half of a file does.
const lookEvery = time.Second

// Live is a checker that is made anew when what it was made from changes. Sessions and what is under way do not notice.
type Live struct {
	make    func(*Sources) (edgeauth.Checker, error)
	log     *slog.Logger
	metrics *Metrics

	current atomic.Pointer[edgeauth.Checker]

	mu      sync.Mutex
	sources *Sources          // of the newest try, be it refused
	last    [sha256.Size]byte // what they held at the last look
}

// NewLive makes the first checker. It may be asked for others as long as the process lives.
func NewLive(make func(*Sources) (edgeauth.Checker, error), log *slog.Logger, m *Metrics) (*Live, error) {
	l := &Live{make: make, log: log, metrics: m}
	return l, l.read()
}

// read takes what the sources hold now.
func (l *Live) read() error {
	l.sources = new(Sources)
	checker, err := l.make(l.sources)
	l.last = l.sources.then()
	if err == nil {
		l.current.Store(&checker)
	}
	return err
}

// Check implements [edgeauth.Checker].
func (l *Live) Check(ctx context.Context, r *edgeauth.Request) edgeauth.Decision {
	return (*l.current.Load()).Check(ctx, r)
}

// Watch looks at the sources until ctx ends, and reads them at once whenever a signal asks for it.
func (l *Live) Watch(ctx context.Context, asked <-chan os.Signal) {
	tick := time.NewTicker(lookEvery)
	defer tick.Stop()
	for {
		select {
		case <-ctx.Done():
			return
		case <-asked:
			l.Reload()
		case <-tick.C:
			l.Look()
		}
	}
}

// Look reloads if the sources have changed since they were read, and are as they were at the last look.
func (l *Live) Look() {
	l.mu.Lock()
	now := l.sources.now()
	changed := now == l.last && now != l.sources.then()
	l.last = now
	l.mu.Unlock()
	if changed {
		l.Reload()
	}
}

// Reload reads the sources again. What cannot be taken is refused, loudly, and what counted before goes on.
func (l *Live) Reload() {
	l.mu.Lock()
	defer l.mu.Unlock()
	if err := l.read(); err != nil {
		l.metrics.reloaded("refused")
		l.log.Error("the configuration has changed and is not taken: what counted before goes on", "reason", err.Error())
		return
	}
	l.metrics.reloaded("taken")
	l.log.Info("the configuration is read again")
}
