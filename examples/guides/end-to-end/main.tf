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

  # Event files of old runs are deleted. Until then, OBS bills them.
  lifecycle_rule {
    name    = "old-events"
    prefix  = "events/"
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
      "OBS:*:*:bucket:${opentelekomcloud_obs_bucket.training.bucket}",
      "OBS:*:*:object:${opentelekomcloud_obs_bucket.training.bucket}/*",
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
  for_each = var.authorized ? var.runs : []

  name      = each.key
  train_url = "/${opentelekomcloud_obs_bucket.training.bucket}/events/${each.key}/"
  running   = var.running

  # Stops the job even if no apply sets running = false in the evening.
  schedule = {
    duration = 10
  }

  # A job can't read the bucket without the agency, so Terraform deletes the jobs first.
  depends_on = [opentelekomcloud_identity_agency_v3.modelarts]
}
