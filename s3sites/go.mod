module github.com/edgeauth/edgeauth/s3sites

go 1.26.0

require (
	github.com/aws/aws-sdk-go-v2 v1.47.5
	github.com/edgeauth/edgeauth v0.0.0
	github.com/stretchr/testify v1.12.1
)

require (
	github.com/MicahParks/jwkset v0.11.3 // indirect
	github.com/MicahParks/keyfunc/v3 v3.8.2 // indirect
	github.com/aws/smithy-go v1.28.7 // indirect
	github.com/golang-jwt/jwt/v5 v5.3.1 // indirect
	go.yaml.in/yaml/v3 v3.0.5 // indirect
	golang.org/x/time v0.15.0 // indirect
)

replace github.com/edgeauth/edgeauth => ../
