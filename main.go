// Command terraform-provider-modelarts is a Terraform provider for ModelArts on
// Open Telekom Cloud.
package main

import (
	"flag"
	"fmt"
	"os"

	"github.com/hashicorp/terraform-plugin-go/tfprotov6"
	"github.com/hashicorp/terraform-plugin-go/tfprotov6/tf6server"

	"github.com/opentelekomcloud-community/terraform-provider-modelarts/internal/provider"
)

// version is set by the linker when a release is built.
var version = "dev"

func main() {
	debug := flag.Bool("debug", false, "serve for a debugger: print what to set in TF_REATTACH_PROVIDERS and wait")
	flag.Parse()

	var options []tf6server.ServeOpt
	if *debug {
		options = append(options, tf6server.WithManagedDebug())
	} else {
		provider.PrepareProcess()
	}
	serve := func() tfprotov6.ProviderServer { return provider.NewServer(version) }
	if err := tf6server.Serve(provider.Address, serve, options...); err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
}
