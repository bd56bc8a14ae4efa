# A private bucket behind CloudFront; edgeauth lets only signed-in people reach it. All of it lives in us-east-1.

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
  description = "Names what belongs together."
  type        = string
}

variable "zip" {
  description = "The file that edgeauth package -config has written."
  type        = string
}

variable "domain_name" {
  description = "A domain name of your own, which the site document then lists. Null for the distribution's own name."
  type        = string
  default     = null
}

variable "certificate_arn" {
  description = "The certificate of that name, in us-east-1."
  type        = string
  default     = null

  validation {
    condition     = (var.certificate_arn == null) == (var.domain_name == null)
    error_message = "domain_name and certificate_arn go together."
  }
}

variable "include_body" {
  description = "Whether the function needs the body; with provider.response_mode \"form_post\" it does."
  type        = bool
  default     = false
}

module "function" {
  source       = "../function"
  name         = var.name
  zip          = var.zip
  include_body = var.include_body
}

module "distribution" {
  source       = "../distribution"
  name         = var.name
  bucket       = aws_s3_bucket.site
  function     = module.function
  domain_names = var.domain_name == null ? [] : [var.domain_name]

  certificate_arn = var.certificate_arn
}

resource "aws_s3_bucket" "site" {
  bucket_prefix = "${substr(var.name, 0, 36)}-"
}

module "private" {
  source = "../private"
  bucket = aws_s3_bucket.site
  readers = [{
    prefix       = ""
    distribution = module.distribution.arn
  }]
}

output "url" {
  value = "https://${module.distribution.host}/"
}

output "redirect_uri" {
  description = "Register this at the provider."
  value       = "https://${module.distribution.host}/.auth/callback"
}

output "sign_out_url" {
  description = "Register this too."
  value       = "https://${module.distribution.host}/.auth/signed-out"
}

output "bucket" {
  description = "Upload the site's files here."
  value       = aws_s3_bucket.site.id
}

output "distribution_id" {
  value = module.distribution.id
}
