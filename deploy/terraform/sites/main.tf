# One function protects many sites; a bucket has a document for each: sites/HOST.json. All of it lives in us-east-1.

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
  description = "The file that edgeauth package -source s3://DOCUMENTS/sites/?region=us-east-1 has written."
  type        = string
}

variable "documents_bucket" {
  description = "The name of the bucket for the site documents. The function has been packaged with it."
  type        = string
}

variable "distributions" {
  description = "The distributions by name. Each has the folder of its name in the content bucket, and as many sites as hosts lead to it and have a document."
  type = map(object({
    domain_names    = optional(list(string), [])
    certificate_arn = optional(string)
  }))
}

variable "include_body" {
  description = "Whether the function needs the body; with provider.response_mode \"form_post\" in any document it does."
  type        = bool
  default     = false
}

data "aws_partition" "current" {}

module "function" {
  source       = "../function"
  name         = var.name
  zip          = var.zip
  include_body = var.include_body
}

# The function reads documents and writes nothing but its log.
resource "aws_iam_role_policy" "documents" {
  name = "documents"
  role = module.function.role
  policy = jsonencode({
    Version = "2012-10-17"
    Statement = [
      {
        Effect   = "Allow"
        Action   = "s3:GetObject"
        Resource = "arn:${data.aws_partition.current.partition}:s3:::${var.documents_bucket}/sites/*"
      },
      # With this, S3 tells a document that is missing (404) from one that may not be read (403). For an object that is
      # missing it takes the key as the prefix.
      {
        Effect    = "Allow"
        Action    = "s3:ListBucket"
        Resource  = "arn:${data.aws_partition.current.partition}:s3:::${var.documents_bucket}"
        Condition = { StringLike = { "s3:prefix" = "sites/*" } }
      },
    ]
  })
}

# A document decides who enters a site, and may hold a client secret: every version is kept, and few may write.
resource "aws_s3_bucket" "documents" {
  bucket = var.documents_bucket
}

resource "aws_s3_bucket_versioning" "documents" {
  bucket = aws_s3_bucket.documents.id
  versioning_configuration {
    status = "Enabled"
  }
}

resource "aws_s3_bucket_lifecycle_configuration" "documents" {
  bucket     = aws_s3_bucket.documents.id
  depends_on = [aws_s3_bucket_versioning.documents]
  rule {
    id     = "old-versions"
    status = "Enabled"
    filter {}
    noncurrent_version_expiration {
      noncurrent_days = 365
    }
  }
}

module "private_documents" {
  source = "../private"
  bucket = aws_s3_bucket.documents
}

# What the sites consist of, a folder for each distribution.
resource "aws_s3_bucket" "content" {
  bucket_prefix = "${substr(var.name, 0, 36)}-"
}

module "private_content" {
  source = "../private"
  bucket = aws_s3_bucket.content
  readers = [for name, d in module.distribution : {
    prefix       = "${name}/"
    distribution = d.arn
  }]
}

module "distribution" {
  source          = "../distribution"
  for_each        = var.distributions
  name            = "${var.name}-${each.key}"
  bucket          = aws_s3_bucket.content
  folder          = "/${each.key}"
  function        = module.function
  domain_names    = each.value.domain_names
  certificate_arn = each.value.certificate_arn
}

output "targets" {
  description = "Where the names of each distribution lead to."
  value       = { for name, d in module.distribution : name => d.target }
}

output "content" {
  description = "Upload the sites' files here, below the folder of each distribution."
  value       = aws_s3_bucket.content.id
}

output "function_version" {
  description = "Associate this with the viewer-request event of further distributions."
  value       = module.function.qualified_arn
}
