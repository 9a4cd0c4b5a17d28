// Command terraform installs the newest Terraform that this provider supports into a folder:
//
//	go -C tools/terraform run . ../../bin
//
// The library of HashiCorp's hc-install verifies the signature of the checksums and the
// checksum of the download. Its own command line needs an exact version.
package main

import (
	"context"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"os/signal"
	"path/filepath"
	"syscall"
	"time"

	"github.com/hashicorp/go-version"
	"github.com/hashicorp/hc-install/product"
	"github.com/hashicorp/hc-install/releases"
	"github.com/hashicorp/hc-install/src"
)

// supported are the versions that the README promises.
var supported = version.MustConstraints(version.NewConstraint(">= 1.11, < 2"))

func main() {
	if len(os.Args) != 2 {
		fmt.Fprintln(os.Stderr, "usage: terraform FOLDER")
		os.Exit(2)
	}
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	defer stop()
	// A server that doesn't respond within 20 seconds isn't reachable. A download on a slow line takes longer than that.
	server := releases.Versions{ListTimeout: 20 * time.Second, Install: releases.InstallationOptions{Timeout: 5 * time.Minute}}
	path, err := install(ctx, server, os.Args[1])
	if err != nil {
		stop()
		fmt.Fprintln(os.Stderr, "Could not install Terraform:", err)
		os.Exit(1) //nolint:gocritic // stop is called
	}
	fmt.Fprintln(os.Stderr, "Installed", path)
}

// install downloads the newest supported Terraform from the server and returns its path in
// the folder. The program appears there only when it is verified and runs.
func install(ctx context.Context, server releases.Versions, folder string) (path string, err error) {
	temporary, err := os.MkdirTemp(folder, "terraform-")
	if err != nil {
		return "", err
	}
	defer func() { err = errors.Join(err, os.RemoveAll(temporary)) }()

	server.Product, server.Constraints, server.Install.Dir = product.Terraform, supported, temporary
	versions, err := server.List(ctx)
	if err != nil {
		return "", err
	}
	if len(versions) == 0 {
		return "", fmt.Errorf("the server has no version %s", supported)
	}
	newest, ok := versions[len(versions)-1].(src.Installable)
	if !ok {
		return "", fmt.Errorf("hc-install can't install %T", versions[len(versions)-1])
	}
	downloaded, err := newest.Install(ctx)
	if err != nil {
		return "", err
	}
	// hc-install doesn't return the error of unpacking, for example if the disk is full.
	if output, err := exec.CommandContext(ctx, downloaded, "version").CombinedOutput(); err != nil {
		return "", fmt.Errorf("terraform version: %w\n%s", err, output)
	}
	path = filepath.Join(folder, filepath.Base(downloaded))
	return path, os.Rename(downloaded, path)
}
