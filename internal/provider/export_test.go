package provider

// Says tells where the environment and a cloud of clouds.yaml say an attribute. The
// path in a cloud is empty when it cannot.
func Says(attribute string) (variable, cloudPath string) {
	about := attributes[attribute]
	return about.variables[0], about.path
}
