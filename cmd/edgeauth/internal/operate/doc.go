// Package operate is what an operator sees and reaches of a running server: records of requests, metrics, health, and what
// is read again when it changes.
package operate
