package provider

// Setting returns where the environment and a cloud of clouds.yaml have an attribute. The
// path in a cloud is empty if a cloud can't have the attribute.
func Setting(attribute string) (variable, cloudPath string) {
	about := attributes[attribute]
	return about.variables[0], about.path
}

// WriteFile writes a file and the folder that it is in, and returns its path.
var WriteFile = write
