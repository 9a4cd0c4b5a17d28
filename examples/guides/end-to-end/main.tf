terraform {
  required_providers {
    modelarts = {
      source = "opentelekomcloud-community/modelarts"
    }
    opentelekomcloud = {
      source  = "opentelekomcloud/opentelekomcloud"
      version = "~> 1.36"
    }
  }
}

# The OS_ variables or clouds.yaml configure both providers.
provider "modelarts" {}

provider "opentelekomcloud" {}

resource "opentelekomcloud_obs_bucket" "training" {
  bucket = var.bucket
  acl    = "private"

  # OBS deletes an event file 90 days after it was written. Change or remove this rule before the first apply.
  lifecycle_rule {
    name    = "old-events"
    prefix  = "events"
    enabled = true

    expiration {
      days = 90
    }
  }
}

# The agency can read the event files, and nothing else.
resource "opentelekomcloud_identity_role_v3" "read_events" {
  display_name  = "${var.bucket}-read"
  display_layer = "domain"
  description   = "Read the objects of the bucket ${var.bucket}"

  statement {
    effect = "Allow"
    action = ["obs:bucket:ListBucket", "obs:object:GetObject"]
    resource = [
      "obs:*:*:bucket:${opentelekomcloud_obs_bucket.training.bucket}",
      "obs:*:*:object:${opentelekomcloud_obs_bucket.training.bucket}/*",
    ]
  }
}

resource "opentelekomcloud_identity_agency_v3" "modelarts" {
  name                  = "${var.bucket}-modelarts"
  description           = "ModelArts reads the event files in the bucket ${var.bucket}"
  delegated_domain_name = var.modelarts_domain_name
  domain_roles          = [opentelekomcloud_identity_role_v3.read_events.display_name]
}

resource "modelarts_visualization_job" "board" {
  for_each = var.runs

  name      = each.key
  train_url = "/${opentelekomcloud_obs_bucket.training.bucket}/events/${each.key}/"
  running   = var.running

  # ModelArts stops the job after 10 hours, even if no apply with running=false runs in the evening.
  schedule = {
    duration = 10
  }

  # A job reads the bucket through the agency, so Terraform creates the agency before the jobs and deletes it after them.
  depends_on = [opentelekomcloud_identity_agency_v3.modelarts]
}
