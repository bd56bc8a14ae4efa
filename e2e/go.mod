module github.com/edgeauth/edgeauth/e2e

go 1.26.0

require (
	github.com/aws/aws-sdk-go-v2 v1.47.5
	github.com/chromedp/cdproto v0.0.0-20250724212937-08a3db8b4327
	github.com/chromedp/chromedp v0.14.2
	github.com/edgeauth/edgeauth v0.0.0
	github.com/go-chi/chi/v5 v5.2.3
	github.com/stretchr/testify v1.12.1
)

require (
	github.com/MicahParks/jwkset v0.11.3 // indirect
	github.com/MicahParks/keyfunc/v3 v3.8.2 // indirect
	github.com/aws/smithy-go v1.28.7 // indirect
	github.com/chromedp/sysutil v1.1.0 // indirect
	github.com/go-json-experiment/json v0.0.0-20250725192818-e39067aee2d2 // indirect
	github.com/gobwas/httphead v0.1.0 // indirect
	github.com/gobwas/pool v0.2.1 // indirect
	github.com/gobwas/ws v1.4.0
	github.com/golang-jwt/jwt/v5 v5.3.1 // indirect
	go.yaml.in/yaml/v3 v3.0.5
	golang.org/x/sys v0.38.0 // indirect
	golang.org/x/time v0.15.0 // indirect
)

replace github.com/edgeauth/edgeauth => ../
