# The Lambda@Edge function that edgeauth package has made. It and what belongs to it live in us-east-1.

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
  description = "Names what belongs together; the function's log group is /edgeauth/NAME."
  type        = string
}

variable "zip" {
  description = "The file that edgeauth package has written."
  type        = string
}

variable "include_body" {
  description = "Whether somebody needs the body; with provider.response_mode \"form_post\" the sign-in does."
  type        = bool
  default     = false
}

data "aws_partition" "current" {}

data "aws_region" "current" {}

# Lambda@Edge runs the function as both.
resource "aws_iam_role" "function" {
  name_prefix = "${substr(var.name, 0, 30)}-"
  assume_role_policy = jsonencode({
    Version = "2012-10-17"
    Statement = [{
      Effect    = "Allow"
      Principal = { Service = ["lambda.amazonaws.com", "edgelambda.amazonaws.com"] }
      Action    = "sts:AssumeRole"
    }]
  })
}

resource "aws_iam_role_policy_attachment" "logs" {
  role       = aws_iam_role.function.name
  policy_arn = "arn:${data.aws_partition.current.partition}:iam::aws:policy/service-role/AWSLambdaBasicExecutionRole"
}

# Each region in which the function runs gets a group of this name; this one is us-east-1's.
resource "aws_cloudwatch_log_group" "function" {
  name              = "/edgeauth/${var.name}"
  retention_in_days = 30
}

resource "aws_lambda_function" "function" {
  function_name    = var.name
  filename         = var.zip
  source_code_hash = filebase64sha256(var.zip)
  handler          = "index.handler"
  runtime          = "python3.13"
  architectures    = ["x86_64"]
  memory_size      = 128
  timeout          = 5
  role             = aws_iam_role.function.arn
  publish          = true # CloudFront takes a version, not $LATEST
  skip_destroy     = true # CloudFront takes hours to remove the replicas, and a function that has some cannot be deleted

  logging_config {
    log_format = "Text"
    log_group  = aws_cloudwatch_log_group.function.name
  }

  lifecycle {
    precondition {
      condition     = data.aws_region.current.name == "us-east-1"
      error_message = "Lambda@Edge functions live in us-east-1: give the module a provider of that region."
    }
  }
}

output "qualified_arn" {
  description = "The published version, for the viewer-request event of distributions."
  value       = aws_lambda_function.function.qualified_arn
}

output "role" {
  description = "The name of the role that the function has."
  value       = aws_iam_role.function.name
}

output "include_body" {
  value = var.include_body
}
