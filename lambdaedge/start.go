package lambdaedge

import (
	"log/slog"
	"os"
	"runtime"

	"github.com/aws/aws-lambda-go/lambda"

	"github.com/edgeauth/edgeauth"
)

// standard is slog's default logger as long as the program has not set one.
var standard = slog.Default()

// Start serves events with checker until the process ends. Where the program has not called [slog.SetDefault], it
// logs lines of JSON to standard error, which Lambda keeps.
func Start(checker edgeauth.Checker) { New(checker).Start() }

// Start is the function [Start] for a handler with options.
func (h *Handler) Start() {
	runtime.GOMAXPROCS(1) // an instance serves one event at a time and owns a fraction of one core
	if slog.Default() == standard {
		slog.SetDefault(slog.New(slog.NewJSONHandler(os.Stderr, nil)))
	}
	lambda.Start(h)
}
