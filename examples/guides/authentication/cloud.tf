provider "modelarts" {
  cloud = "otc"
}
