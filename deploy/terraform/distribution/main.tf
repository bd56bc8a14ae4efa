# A distribution in front of a folder of a private bucket, with the function before every path.

terraform {
  required_version = ">= 1.7"
  required_providers {
    aws = {
      source  = "hashicorp/aws"
      version = "~> 5.100"
    }
  }
}

variable "name" {
  description = "Names the distribution, and its access to the bucket."
  type        = string
}

variable "bucket" {
  description = "The bucket."
  type        = object({ bucket_regional_domain_name = string })
}

variable "folder" {
  description = "The folder of the bucket, such as \"/staff\". Empty for all of it."
  type        = string
  default     = ""
}

variable "function" {
  description = "The module function."
  type        = object({ qualified_arn = string, include_body = bool })
}

variable "domain_names" {
  description = "Domain names of your own. Empty for the distribution's own name."
  type        = list(string)
  default     = []
}

variable "certificate_arn" {
  description = "The certificate of these names, in us-east-1."
  type        = string
  default     = null

  validation {
    condition     = (var.certificate_arn != null) == (length(var.domain_names) > 0)
    error_message = "Domain names and certificate_arn go together."
  }
}

resource "aws_cloudfront_origin_access_control" "content" {
  name                              = var.name
  origin_access_control_origin_type = "s3"
  signing_behavior                  = "always"
  signing_protocol                  = "sigv4"
}

resource "aws_cloudfront_distribution" "site" {
  comment             = var.name
  enabled             = true
  http_version        = "http2and3"
  is_ipv6_enabled     = true
  default_root_object = "index.html"
  aliases             = var.domain_names

  origin {
    origin_id                = "content"
    domain_name              = var.bucket.bucket_regional_domain_name
    origin_path              = var.folder
    origin_access_control_id = aws_cloudfront_origin_access_control.content.id
  }

  default_cache_behavior {
    target_origin_id       = "content"
    viewer_protocol_policy = "redirect-to-https"
    # All methods, for the sign-out's POST. The function answers it; anything else stops at the bucket.
    allowed_methods            = ["GET", "HEAD", "OPTIONS", "PUT", "PATCH", "POST", "DELETE"]
    cached_methods             = ["GET", "HEAD"]
    compress                   = true
    cache_policy_id            = "658327ea-f89d-4fab-a63d-7e88639e58f6" # managed: CachingOptimized
    response_headers_policy_id = "67f7725c-6f97-4210-82d7-5512b31e9d03" # managed: SecurityHeadersPolicy

    lambda_function_association {
      event_type   = "viewer-request"
      lambda_arn   = var.function.qualified_arn
      include_body = var.function.include_body
    }
  }

  restrictions {
    geo_restriction {
      restriction_type = "none"
    }
  }

  # CloudFront's own certificate has its own floor of TLS versions.
  viewer_certificate {
    cloudfront_default_certificate = var.certificate_arn == null
    acm_certificate_arn            = var.certificate_arn
    ssl_support_method             = var.certificate_arn == null ? null : "sni-only"
    minimum_protocol_version       = var.certificate_arn == null ? null : "TLSv1.2_2021"
  }
}

output "id" {
  value = aws_cloudfront_distribution.site.id
}

output "arn" {
  value = aws_cloudfront_distribution.site.arn
}

output "target" {
  description = "Where names of your own lead to."
  value       = aws_cloudfront_distribution.site.domain_name
}

output "host" {
  value = length(var.domain_names) > 0 ? var.domain_names[0] : aws_cloudfront_distribution.site.domain_name
}
