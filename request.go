package edgeauth

// MaxBody is the most that is read of a body, in bytes.
const MaxBody = 64 << 10

// Request is a request as every platform can state it. The same Request gets the same Decision everywhere.
type Request struct {
	// ID is the platform's name for the request. It is shown on pages as their reference and written to the log.
	// The default is random.
	ID string
	// Method is the HTTP method, in capitals.
	Method string
	// Host is the host that the viewer asked for, with its port where there is one.
	Host string
	// Path is the path as sent, still percent-encoded.
	Path string
	// RawQuery is the query as sent, without the question mark.
	RawQuery string
	// Cookie are the Cookie header lines as sent. The core alone reads them.
	Cookie []string
	// Header returns the first value of a request header, or "". Only these are ever asked for: Sec-Fetch-Site,
	// Sec-Fetch-Mode, Sec-Fetch-Dest, Sec-Purpose, Accept, X-Requested-With, Origin, Referer, HX-Request, HX-Current-URL,
	// Sec-WebSocket-Key, Accept-Language, User-Agent. Nil means none.
	Header func(name string) string

	// Body reads the request's body, at most [MaxBody] bytes of it. It is only asked for at the callback path, and only where
	// the provider has its answer posted (provider.FormPost). Nil means that the platform has none to show.
	Body func() ([]byte, error)

	// CookiesOnAllow says that this platform can add cookies to the response of an allowed request.
	CookiesOnAllow bool
	// Distribution is the platform's own name for the site, which the platform vouches for: at CloudFront the
	// distribution's domain name. The host entry "cloudfront" stands for it.
	Distribution string
}
