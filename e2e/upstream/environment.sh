#!/bin/sh
# What a CGI program is told of a request (RFC 3875, 4.1.18).
printf 'Content-Type: text/plain\r\n\r\n'
env | grep '^HTTP_' | sort
